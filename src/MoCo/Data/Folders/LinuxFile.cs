using System.Runtime.InteropServices;

namespace MoCo.Data.Folders;

/// <summary>Files by Linux's own calls: read without a handle, a lock or a text on the heap, and told apart whatever name leads to
/// them.</summary>
/// <remarks>By hand because .NET's way asks twice what the file is, locks and unlocks it and allocates half a kilobyte for each, and has no
/// answer to whether two names are of one file. What fails here says nothing: the caller takes .NET's way then, whose errors are
/// told.</remarks>
internal static unsafe partial class LinuxFile
{
    /// <summary>Bytes of the longest path that is read in this way.</summary>
    internal const int LongestPath = 1024;

    private const int WorkingFolder = -100, BasicFacts = 0x7FF, KindOf = 0xF000, Regular = 0x8000;

    // O_NONBLOCK, not to wait for the other end of a pipe that took an image's name, and O_CLOEXEC.
    private const int ReadOnly = 0x800 | 0x80000;

    internal static bool IsSupported { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess && HasCalls();

    /// <summary>Asks for a file's facts, links followed.</summary>
    /// <param name="path">UTF-8 with a zero behind it.</param>
    /// <param name="facts">Receives them.</param>
    internal static bool TryAsk(ReadOnlySpan<byte> path, out FileFacts facts)
    {
        // struct statx, which is the same on every architecture.
        byte* answer = stackalloc byte[256];
        fixed (byte* text = path)
        {
            if (Ask(WorkingFolder, text, 0, BasicFacts, answer) != 0)
            {
                facts = default;
                return false;
            }
        }
        bool isRegular = (*(ushort*)(answer + 28) & KindOf) == Regular;
        facts = new FileFacts(isRegular, *(long*)(answer + 40), *(ulong*)(answer + 136), *(ulong*)(answer + 32));
        return true;
    }

    /// <summary>Reads a whole regular file that is not empty.</summary>
    /// <param name="path">UTF-8 with a zero behind it.</param>
    /// <param name="most">The most bytes that are read.</param>
    /// <param name="into">Receives the file.</param>
    internal static bool TryRead(ReadOnlySpan<byte> path, int most, EncodedImage into)
    {
        if (!TryAsk(path, out FileFacts facts) || !facts.IsRegular || facts.Length == 0 || facts.Length > most) return false;
        int file;
        fixed (byte* text = path)
            file = Open(text, ReadOnly);
        if (file < 0) return false;
        into.Resize((int)facts.Length);
        nint got = 0, read = -1;
        fixed (byte* bytes = into.Bytes)
        {
            for (; read != 0 && got < into.Bytes.Length; got += read)
            {
                read = ReadSome(file, bytes + got, into.Bytes.Length - got);
                if (read < 0) break;
            }
        }
        _ = Close(file);
        into.Resize((int)got);
        return read >= 0;
    }

    private static bool HasCalls()
    {
        try
        {
            return TryAsk("/\0"u8, out _);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Ask(int folder, byte* path, int flags, uint wanted, byte* answer);

    [LibraryImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadSome(int file, byte* into, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);
}

/// <summary>What a file is.</summary>
/// <param name="IsRegular">No folder, pipe, socket or device.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Device">Where it lies.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct FileFacts(bool IsRegular, long Length, ulong Device, ulong Number);
