namespace Samples;

/// <summary>Comma-separated values as the programs write them.</summary>
internal static class CsvText
{
    /// <summary>A head of the first row's names, and a line for each row.</summary>
    /// <param name="rows">One or more, all with the same names in the same order.</param>
    public static string Of(IReadOnlyList<JsonObject> rows) => string.Concat(
        rows.Select(row => row.Select(cell => cell.Value?.ToString() ?? "")).Prepend(rows[0].Select(cell => cell.Key))
            .Select(line => string.Join(',', line.Select(Quoted)) + "\n"));

    /// <summary>A cell as RFC 4180 has it.</summary>
    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
