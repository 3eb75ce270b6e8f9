namespace ShowViews;

/// <summary>Cuts texts to the room they have.</summary>
internal static class TextLines
{
    private const string Indent = "  ";
    private const char Tie = '\u00A0';

    /// <summary>Breaks a text at its spaces; what goes on is indented. A word that is too long for a line is broken too.</summary>
    public static IEnumerable<string> Wrap(string text, int letters)
    {
        string line = "";
        string start = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = word;
            if (line.Length > start.Length && line.Length + 1 + rest.Length > letters)
            {
                yield return line;
                line = start = Indent;
            }
            while (line.Length + rest.Length > letters)
            {
                int room = letters - line.Length;
                yield return line + rest[..room];
                rest = rest[room..];
                line = start = Indent;
            }
            line += (line.Length > start.Length ? " " : "") + rest;
        }
        if (line.Length > start.Length) yield return line;
    }

    /// <summary>Breaks a text behind its commas only, as far as what stands between them fits a line.</summary>
    public static IEnumerable<string> WrapPhrases(string text, int letters)
        => Wrap(text.Replace(' ', Tie).Replace($",{Tie}", ", ", StringComparison.Ordinal), letters).Select(line => line.Replace(Tie, ' '));

    /// <summary>The end of a text that is too long, after dots: of a path the file's name is what matters.</summary>
    public static string KeepEnd(string text, int letters) => text.Length <= letters ? text : "…" + text[(text.Length - letters + 1)..];
}
