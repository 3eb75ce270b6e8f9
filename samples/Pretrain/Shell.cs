namespace Pretrain;

/// <summary>Words for a command that can be pasted.</summary>
internal static class Shell
{
    public static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=+:,".Contains(c))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
