using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MoCo.Data.Folders;

namespace MoCo.Data.Shards;

/// <summary>Keeps the shards open that are in use: a shuffle buffer may still hold images of some that were passed through long
/// ago.</summary>
internal sealed class ShardFiles(ShardSet set) : IDisposable
{
    private const int MostOpen = 32;

    private readonly (int Shard, long Used, SafeFileHandle? Handle)[] open = new (int, long, SafeFileHandle?)[MostOpen];
    private long clock;

    internal SafeFileHandle Get(int shard)
    {
        int oldest = 0;
        for (int i = 0; i < open.Length; i++)
        {
            if (open[i].Handle is { } found && open[i].Shard == shard)
            {
                open[i].Used = ++clock;
                return found;
            }
            if (open[i].Used < open[oldest].Used) oldest = i;
        }
        SafeFileHandle handle = set.Open(shard);
        open[oldest].Handle?.Dispose();
        open[oldest] = (shard, ++clock, handle);
        return handle;
    }

    public void Dispose()
    {
        for (int i = 0; i < open.Length; i++)
        {
            open[i].Handle?.Dispose();
            open[i] = default;
        }
    }
}

/// <summary>The shards that belong together: their files, and what of them could not be read.</summary>
/// <param name="Paths">The shards' files, in their order.</param>
/// <param name="Images">The endings of images.</param>
/// <param name="Labels">The endings of labels.</param>
/// <param name="Classes">Labels are below this number.</param>
/// <param name="Errors">Receives what cannot be read.</param>
internal sealed record ShardSet(
    string[] Paths, ImageExtensions Images, ImageExtensions Labels, int Classes, SourceErrors Errors) : IPlaces
{
    /// <summary>The most classes of a source that does not name them.</summary>
    internal const int MostUnnamedClasses = 1 << 20;

    internal SafeFileHandle Open(int shard)
    {
        try
        {
            return File.OpenHandle(Paths[shard], options: FileOptions.SequentialScan);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{Paths[shard]}: cannot be read; {error.Message}", error);
        }
    }

    public string Locate(int shard, long offset) => $"{Paths[shard]}, byte {offset}";

    internal void Record(int shard, long offset, string reason) => Errors.RecordUntold(Locate(shard, offset), reason);
}

/// <summary>What tells of a place in one of several files where an image lies.</summary>
internal interface IPlaces
{
    /// <summary>For messages.</summary>
    string Locate(int file, long place);
}

/// <summary>Asks the system to fetch a part of a file before it is read, where the system can be asked.</summary>
internal static partial class ReadAhead
{
    private const int WillNeed = 3;

    private static readonly bool Supported = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    internal static void Hint(SafeFileHandle file, long offset, long length)
    {
        // Only advice: whatever it answers, reading works. A length of 0 would ask for all the rest of the file.
        if (Supported && length > 0) _ = Advise(file, offset, length, WillNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
