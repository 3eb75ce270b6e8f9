using System.Security.Cryptography;
using MoCo.Distributed;
using MoCo.Tensors;

namespace MoCo.Training;

/// <summary>What the ranks of a run have in common: one state, made equal at the beginning and compared at every epoch's end, and
/// BatchNorm's statistics, of which each rank has those of its own groups.</summary>
internal static class RankState
{
    private const int Words = 4; // of int64 in a digest

    /// <summary>Gives every rank rank 0's state.</summary>
    public static void Share(ProcessGroup group, IEnumerable<(string Name, Tensor Tensor)> state)
    {
        if (group.Size == 1) return;
        foreach ((string _, Tensor tensor) in state) group.Broadcast(tensor);
    }

    /// <summary>Gives every rank the mean of the ranks' running statistics: what one process that sees all groups has, since they move
    /// linearly.</summary>
    public static void ShareStatistics(ProcessGroup group, nn.Module module)
    {
        if (group.Size == 1) return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor[] statistics = [.. module.named_buffers().Where(buffer => IsStatistic(buffer.name)).Select(buffer => buffer.buffer)];
        if (statistics.Length == 0) return;
        Tensor flat = cat([.. statistics.Select(statistic => statistic.flatten())], 0);
        group.AllReduceMean(flat);
        long start = 0;
        foreach (Tensor statistic in statistics)
        {
            statistic.copy_(flat.narrow(0, start, statistic.numel()).view(statistic.shape));
            start += statistic.numel();
        }
    }

    /// <summary>Compares the ranks' states.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="state">The tensors; what their names begin with is what the message tells of.</param>
    /// <param name="when">When, for the message.</param>
    /// <exception cref="ProcessGroupException">A rank's differs from rank 0's; every rank throws the same.</exception>
    public static void Compare(ProcessGroup group, IEnumerable<(string Name, Tensor Tensor)> state, string when)
    {
        if (group.Size == 1) return;
        (string Part, long[] Digest)[] parts = [.. state.GroupBy(entry => PartOf(entry.Name)).Select(part => (part.Key, Digest(part)))];
        Compare(group, [.. parts.Select(part => part.Part)], [.. parts.SelectMany(part => part.Digest)], when);
    }

    private static void Compare(ProcessGroup group, string[] parts, long[] digests, string when)
    {
        long[][] all = group.AllGatherByRank(digests);
        for (int rank = 1; rank < all.Length; rank++)
        {
            string[] differing = [.. parts.Where((_, part) => !Of(rank, part).SequenceEqual(Of(0, part)))];
            if (differing.Length == 0) continue;
            throw new ProcessGroupException(
                $"Rank {rank} differs from rank 0 {when}, in {string.Join(", ", differing)}; all ranks should be equal bit for bit. "
                + "Expected "
                + "the same options, program, libraries and data on every machine; the latest checkpoint stands.");
        }

        ReadOnlySpan<long> Of(int rank, int part) => all[rank].AsSpan(part * Words, Words);
    }

    private static long[] Digest(IEnumerable<(string Name, Tensor Tensor)> part)
    {
        using DisposeScope scope = NewDisposeScope();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string _, Tensor tensor) in part)
            foreach (Tensor piece in TensorBytes.Pieces(tensor.detach().cpu().contiguous()))
                hash.AppendData(piece.bytes);
        return Words64(hash.GetHashAndReset());
    }

    private static long[] Words64(byte[] digest)
        => [.. digest.Chunk(sizeof(long)).Select(word => BinaryPrimitives.ReadInt64LittleEndian(word))];

    private static bool IsStatistic(string name)
        => name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);

    private static string PartOf(string name) => string.Join('.', name.Split('.').Take(2));
}
