using System.Runtime.InteropServices;

namespace MoCo.Data.Folder;

/// <summary>Whole files by the C library: no handle object, no path as a string, so that a warm reader allocates nothing.</summary>
internal static unsafe partial class UnixFile
{
    private const int ReadOnly = 0, FromStart = 0, FromEnd = 2, Interrupted = 4, NoEntry = 2, NotAllowed = 1, NoAccess = 13, NotAFolder = 20, IsAFolder = 21;

    // Not to wait for the other end of a pipe that took an image's name, and not to hand the file to child processes.
    private static readonly int Flags = OperatingSystem.IsLinux() ? 0x800 | 0x80000 : 0x4 | 0x1000000;

    internal static bool Supported => Environment.Is64BitProcess && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS());

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="into">Receives its bytes.</param>
    /// <param name="most">The most bytes that are read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read, or is no file.</exception>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="most"/>.</exception>
    internal static void Read(Utf8Path path, EncodedImage into, int most)
    {
        int file;
        fixed (byte* terminated = path.Terminated)
            file = Open(terminated, ReadOnly | Flags);
        if (file < 0)
            throw Error(path, "cannot be opened");
        try
        {
            var length = Seek(file, 0, FromEnd);
            // A folder's length may be anything; reading it fails by name.
            if (length < 0 || Seek(file, 0, FromStart) < 0)
                throw new IOException($"{path}: cannot be read; it is no regular file.");
            if (length > most)
            {
                if (ReadSome(file, null, 0) < 0)
                    throw Error(path, "cannot be read");
                throw new InvalidDataException($"The file has {length} bytes; at most {most} are read.");
            }

            into.Resize((int)length);
            var got = ReadAll(file, into.Bytes, path);
            if (got < length)
                into.Resize(got);
        }
        finally
        {
            _ = Close(file);
        }
    }

    /// <summary>The path without links in it; null where it leads nowhere.</summary>
    internal static string? RealPath(string path)
    {
        byte* found;
        fixed (byte* terminated = new Utf8Path(path).Terminated)
            found = Resolve(terminated, null);
        if (found == null)
            return null;
        var real = Marshal.PtrToStringUTF8((nint)found);
        NativeMemory.Free(found);
        return real;
    }

    private static int ReadAll(int file, Span<byte> bytes, Utf8Path path)
    {
        var got = 0;
        fixed (byte* start = bytes)
        {
            while (got < bytes.Length)
            {
                var read = ReadSome(file, start + got, bytes.Length - got);
                if (read == 0)
                    break;
                if (read > 0)
                    got += (int)read;
                else if (Marshal.GetLastPInvokeError() != Interrupted)
                    throw Error(path, "cannot be read");
            }
        }

        return got;
    }

    private static IOException Error(Utf8Path path, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry or NotAFolder => new FileNotFoundException($"{path}: no such file.", path.ToString()),
            NotAllowed or NoAccess => new IOException($"{path}: {what}; permission denied."),
            IsAFolder => new IOException($"{path}: {what}; it is a folder."),
            _ => new IOException($"{path}: {what}; {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Seek(int file, long offset, int from);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadSome(int file, byte* into, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "realpath")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial byte* Resolve(byte* path, byte* into);
}
