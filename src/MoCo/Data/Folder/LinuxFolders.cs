using System.Runtime.InteropServices;

namespace MoCo.Data.Folder;

/// <summary>Folders by the C library: names stay the bytes that they are, and the kind of an entry costs no further call.</summary>
internal sealed unsafe partial class LinuxFolders : IFolderAccess
{
    // struct dirent of 64-bit Linux: inode, offset, record length, kind, name.
    private const int KindAt = 18, NameAt = 19;
    private const byte Fifo = 1, CharacterDevice = 2, Directory = 4, BlockDevice = 6, Regular = 8, SymbolicLink = 10, Socket = 12;

    // struct statx is the same on every architecture.
    private const int AtCurrentFolder = -100, StatSize = 256, ModeAt = 28, InodeAt = 32, ModifiedAt = 112, DeviceAt = 136;
    private const uint TypeModifiedAndInode = 0x1 | 0x40 | 0x100;
    private const int TypeMask = 0xF000, DirectoryType = 0x4000, RegularType = 0x8000;

    internal static bool Supported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public bool List(Utf8Path folder, FolderEntries into)
    {
        into.Clear();
        nint stream;
        fixed (byte* path = folder.Terminated)
            stream = OpenFolder(path);
        if (stream == 0)
            return false;
        for (var entry = ReadFolder(stream); entry != null; entry = ReadFolder(stream))
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameAt);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                into.Add(name, KindOf(entry[KindAt]));
        }

        _ = CloseFolder(stream);
        return true;
    }

    public EntryFacts Inspect(Utf8Path path)
    {
        var facts = stackalloc byte[StatSize];
        int failed;
        fixed (byte* terminated = path.Terminated)
            failed = Stat(AtCurrentFolder, terminated, 0, TypeModifiedAndInode, facts);
        if (failed != 0)
            return default;
        var kind = (*(ushort*)(facts + ModeAt) & TypeMask) switch
        {
            DirectoryType => EntryKind.Folder,
            RegularType => EntryKind.File,
            _ => EntryKind.Special,
        };
        var modified = unchecked((*(long*)(facts + ModifiedAt) * 1_000_000_000) + *(uint*)(facts + ModifiedAt + 8));
        return new EntryFacts(kind, new UInt128(*(ulong*)(facts + DeviceAt), *(ulong*)(facts + InodeAt)), modified);
    }

    private static EntryKind KindOf(byte type) => type switch
    {
        Regular => EntryKind.File,
        Directory => EntryKind.Folder,
        SymbolicLink => EntryKind.Link,
        Fifo or CharacterDevice or BlockDevice or Socket => EntryKind.Special,
        _ => EntryKind.Unknown,
    };

    [LibraryImport("libc", EntryPoint = "opendir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint OpenFolder(byte* path);

    [LibraryImport("libc", EntryPoint = "readdir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial byte* ReadFolder(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseFolder(nint stream);

    [LibraryImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(int folder, byte* path, int flags, uint mask, byte* facts);
}
