namespace Samples.CommandLine;

/// <summary>Files and folders that a command line names: where none is there, or one of the other kind, the flag and what it wants are told
/// before any work.</summary>
internal static class NamedPath
{
    /// <summary>A file to read.</summary>
    /// <param name="name">The flag, or the argument as the help calls it.</param>
    /// <param name="path">What was given.</param>
    /// <param name="expected">What it is to be, in words.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static string File(string name, string path, string expected)
    {
        if (System.IO.File.Exists(path)) return path;
        string found = Directory.Exists(path) ? "a folder" : "and there is no such file";
        throw new UsageException($"{name} is {path}, {found}; expected {expected}.");
    }

    /// <summary>A folder to read.</summary>
    /// <inheritdoc cref="File"/>
    public static string Folder(string name, string path, string expected)
    {
        if (Directory.Exists(path)) return path;
        string found = System.IO.File.Exists(path) ? "a file" : "and there is no such folder";
        throw new UsageException($"{name} is {path}, {found}; expected {expected}.");
    }

    /// <summary>A folder to write into, which is made where it is missing.</summary>
    /// <inheritdoc cref="File"/>
    public static string NewFolder(string name, string path)
    {
        string full = Path.GetFullPath(path);
        string? there = full;
        while (there is not null && !Path.Exists(there)) there = Path.GetDirectoryName(there);
        if (!System.IO.File.Exists(there)) return path;
        throw new UsageException($"{name} is {path}, {(there == full ? "a file" : $"and {there} is a file")}; expected a folder, there or "
            + "to be made.");
    }
}
