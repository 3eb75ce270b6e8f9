namespace Samples;

/// <summary>Files that a command writes where it was told to.</summary>
internal static class OutputFile
{
    /// <summary>An option that names one.</summary>
    public static Option<string?> Option(string name, string description, string what = "FILE") =>
        new(name) { Description = description, HelpName = what };

    /// <summary>Refuses a file that can't be written, before hours of work rather than after.</summary>
    /// <param name="path">The file; null: none is asked for.</param>
    /// <exception cref="UsageException">A folder is missing or stands where the file shall be.</exception>
    public static void Check(string? path)
    {
        if (path is null) return;
        UsageException.ThrowIf(
            string.IsNullOrWhiteSpace(path) || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))),
            $"'{path}' can't be written; expected the name of a file in a folder that exists.");
    }

    /// <summary>Writes a text and says so.</summary>
    public static void Write(string path, string text)
    {
        Replace(path, text);
        Console.WriteLine($"written: {path}");
    }

    /// <summary>Writes a text, whole or not at all; a missing folder is made.</summary>
    public static void Replace(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
