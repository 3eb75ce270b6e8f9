using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>Asks the system to fetch a part of a file before it is read, where the system can be asked.</summary>
internal static partial class ReadAhead
{
    private const int WillNeed = 3;

    private static readonly bool Supported = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    internal static void Hint(SafeFileHandle file, long offset, long length)
    {
        // Only advice: whatever it answers, reading works. A length of 0 would ask for all the rest of the file.
        if (Supported && length > 0)
            _ = Advise(file, offset, length, WillNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
