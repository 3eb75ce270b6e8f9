namespace Lab.Results;

/// <summary>Names of rows as those of files and folders.</summary>
internal static class FolderName
{
    public static string Of(string name) =>
        string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));
}
