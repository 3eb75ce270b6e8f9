using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>The shards that belong together: their files, and what of them could not be read.</summary>
/// <param name="Paths">The shards' files, in their order.</param>
/// <param name="Classes">Labels are below this number.</param>
/// <param name="Errors">Receives what cannot be read.</param>
internal sealed record ShardSet(string[] Paths, int Classes, SourceErrors Errors)
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

    internal string Locate(int shard, long offset) => $"{Paths[shard]}, byte {offset}";

    internal void Record(int shard, long offset, string reason) => Errors.RecordUntold(shard, offset, Locate(shard, offset), reason);
}
