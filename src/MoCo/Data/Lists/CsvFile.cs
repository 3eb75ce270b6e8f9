using System.Text;

namespace MoCo.Data.Lists;

/// <summary>Reads a CSV file in UTF-8, a record a line: fields with commas between, in double quotes where they hold commas or quotes,
/// which are doubled then (RFC 4180 without line ends in fields). Empty lines are passed over.</summary>
internal static class CsvFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">A line is none of CSV; the message has its number.</exception>
    internal static IEnumerable<(int Line, string[] Fields)> Read(string path)
    {
        using StreamReader reader = new(path, Strict);
        for (int line = 1; Next(reader, path, line) is { } text; line++)
            if (text.Length > 0) yield return (line, Split(text, path, line));
    }

    private static string? Next(StreamReader reader, string path, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw Bad(path, line, $"text in UTF-8, found other bytes here or in the lines behind{FileSignature.Remark(path)}");
        }
    }

    private static string[] Split(string text, string path, int line)
    {
        List<string> fields = [];
        for (int at = 0; at <= text.Length; at++)
        {
            bool isQuoted = at < text.Length && text[at] == '"';
            fields.Add(isQuoted ? Quoted(text, ref at) : Plain(text, ref at));
            if (at < text.Length && text[at] != ',') throw Bad(path, line, $"a comma behind the closing quote, found '{text[at]}'");
        }
        return [.. fields];

        string Plain(string text, ref int at)
        {
            int end = text.IndexOf(',', at);
            string field = end < 0 ? text[at..] : text[at..end];
            if (field.Contains('"', StringComparison.Ordinal))
                throw Bad(path, line, $"quotes around the whole field, and doubled ones in it, found '{field}'");
            at += field.Length;
            return field;
        }

        string Quoted(string text, ref int at)
        {
            StringBuilder field = new();
            for (int start = at + 1; ; start = at + 1)
            {
                at = text.IndexOf('"', start);
                if (at < 0) throw Bad(path, line, "a closing quote in the same line, found none");
                field.Append(text, start, at - start);
                if (++at >= text.Length || text[at] != '"') return field.ToString();
                field.Append('"');
            }
        }
    }

    internal static InvalidDataException Bad(string path, int line, string expected) => new($"{path}, line {line}: expected {expected}.");
}
