namespace MoCo.Tests.Rooms;

/// <summary>A source file of the repository; its path is as the repository has it, with slashes.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>The namespace that a file of src/MoCo must declare: its folder.</summary>
    public string Space => Folder["src/".Length..].Replace('/', '.');

    /// <summary>The files of a folder and of those below it, without what builds leave there.</summary>
    public static IEnumerable<SourceFile> Under(string folder)
        => Directory.EnumerateFiles(Repository.File(folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Where(path => !path.StartsWith("src/MoCo/Packaging/", StringComparison.Ordinal)) // compiled by the application's build
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllText(Repository.File(path))));
}
