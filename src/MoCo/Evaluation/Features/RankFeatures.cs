using MoCo.Data;
using MoCo.Distributed;

namespace MoCo.Evaluation.Features;

/// <summary>Brings what the ranks have extracted to rank 0.</summary>
internal static class RankFeatures
{
    private const long BlockBytes = 256 << 20;

    /// <summary>Joins the ranks' features in the order of the images.</summary>
    /// <param name="group">The ranks; all make the call.</param>
    /// <param name="features">This rank's, n×D float32 on the CPU; null: none.</param>
    /// <param name="indices">The number of each of its images in the source.</param>
    /// <param name="labels">The label of each.</param>
    /// <param name="source">The images.</param>
    /// <returns>All of them on rank 0, null on the others.</returns>
    public static FeatureSet? Join(
        ProcessGroup group, Tensor? features, IReadOnlyList<int> indices, IReadOnlyList<int> labels, IImageSource source)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        long width = group.Max(features?.shape[1] ?? 0);
        if (width == 0)
        {
            return group.Rank > 0 ? null : throw new InvalidDataException(
                $"{source.Name}: none of {source.Count} images could be "
                + $"read{(source.Errors.Count == 0 ? "" : $"; the first: {source.Errors.First[0]}")}");
        }
        int[] counts = [.. group.AllGatherByRank(indices.Count).Select(numbers => (int)numbers[0])];
        Tensor rows = ToRankZero(group, features ?? empty(0, width), counts);
        Tensor both = ToRankZero(group, tensor([.. indices, .. labels]).view(2, -1).t(), counts);
        if (group.Rank > 0) return null;

        int[] numbers = both.select(1, 0).contiguous().data<int>().ToArray(), classes = both.select(1, 1).contiguous()
            .data<int>().ToArray();
        int[] order = [.. Enumerable.Range(0, numbers.Length)];
        Array.Sort([.. numbers], order);
        Tensor sorted = rows.index_select(0, tensor([.. order.Select(row => (long)row)]));
        int[] sortedLabels = [.. order.Select(row => classes[row])];
        bool known = source.Classes.Count > 0 && sortedLabels.Any(label => label != FeatureSet.Unlabelled);
        return new FeatureSet(sorted, known ? sortedLabels : null,
            numbers.Length == source.Count ? null : [.. order.Select(row => numbers[row])]);
    }

    /// <summary>The rows of all ranks by rank on rank 0, in blocks that a call can move; none on the others.</summary>
    private static Tensor ToRankZero(ProcessGroup group, Tensor rows, int[] counts)
    {
        using DisposeScope scope = NewDisposeScope();
        int block = (int)Math.Max(1, BlockBytes / Math.Max(1, rows.shape[1] * rows.ElementSize * group.Size)), most = counts.Max();
        long[] starts = [.. counts.Select((_, rank) => counts.Take(rank).Sum(count => (long)count))];
        Tensor all = empty(group.Rank == 0 ? counts.Sum(count => (long)count) : 0, rows.shape[1], dtype: rows.dtype);
        for (int done = 0; done < most; done += block)
        {
            int[] sizes = [.. counts.Select(count => Math.Clamp(count - done, 0, block))], nothing = new int[group.Size],
                sent = new int[group.Size];
            sent[0] = sizes[group.Rank];
            Tensor part = rows.narrow(0, Math.Min(done, rows.shape[0]), sent[0]);
            Tensor received = group.Exchange(part, new RowCounts(sent, group.Rank == 0 ? sizes : nothing)).cpu();
            long from = 0;
            for (int rank = 0; group.Rank == 0 && rank < group.Size; from += sizes[rank], rank++)
                all.narrow(0, starts[rank] + done, sizes[rank]).copy_(received.narrow(0, from, sizes[rank]));
        }
        return all.MoveToOuterDisposeScope();
    }
}
