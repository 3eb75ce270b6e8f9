using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>Keeps the shards open that are in use: a shuffle buffer may still hold images of some that were passed through long ago.</summary>
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

            if (open[i].Used < open[oldest].Used)
                oldest = i;
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
