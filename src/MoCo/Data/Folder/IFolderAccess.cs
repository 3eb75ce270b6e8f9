namespace MoCo.Data.Folder;

/// <summary>How folders are looked into: by the C library's calls on Linux, by .NET's elsewhere.</summary>
internal interface IFolderAccess
{
    /// <summary>The one for this machine.</summary>
    static IFolderAccess ForThisMachine { get; } = LinuxFolders.Supported ? new LinuxFolders() : new PortableFolders();

    /// <summary>Lists the names in a folder, in the file system's order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="into">Receives the names; what it held is lost.</param>
    /// <returns>False where the folder cannot be read.</returns>
    bool List(Utf8Path folder, FolderEntries into);

    /// <summary>Looks at one path, links followed.</summary>
    /// <param name="path">The path.</param>
    EntryFacts Inspect(Utf8Path path);
}
