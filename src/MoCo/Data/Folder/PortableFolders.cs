using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace MoCo.Data.Folder;

/// <summary>Folders by .NET's own calls, for systems where <see cref="LinuxFolders"/> does not work.</summary>
internal sealed class PortableFolders : IFolderAccess
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    public bool List(Utf8Path folder, FolderEntries into)
    {
        into.Clear();
        try
        {
            foreach (var (name, kind) in new FileSystemEnumerable<(string, EntryKind)>(folder.ToString(), Entry, Everything))
                into.Add(Encoding.UTF8.GetBytes(name), kind);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public EntryFacts Inspect(Utf8Path path)
    {
        try
        {
            FileSystemInfo entry = new FileInfo(path.ToString());
            entry = entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry;
            if ((int)entry.Attributes == -1)
                return default;
            var real = Canonical(entry.FullName);
            var identity = BitConverter.ToUInt128(SHA256.HashData(Encoding.UTF8.GetBytes(real)));
            return new EntryFacts(KindOf(entry.Attributes), identity, (entry.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    // .NET does not tell Unix's pipes and sockets from files: they are noticed when they are read, which never waits for one.
    private static (string, EntryKind) Entry(ref FileSystemEntry entry) => (entry.FileName.ToString(), KindOf(entry.Attributes));

    private static EntryKind KindOf(FileAttributes attributes) => attributes switch
    {
        _ when attributes.HasFlag(FileAttributes.ReparsePoint) => EntryKind.Link,
        _ when attributes.HasFlag(FileAttributes.Directory) => EntryKind.Folder,
        _ when attributes.HasFlag(FileAttributes.Device) => EntryKind.Special,
        _ => EntryKind.File,
    };

    /// <summary>The path without any link in it: two ways to the same folder become one.</summary>
    private static string Canonical(string path) => OperatingSystem.IsWindows() ? path : UnixFile.RealPath(path) ?? path;
}
