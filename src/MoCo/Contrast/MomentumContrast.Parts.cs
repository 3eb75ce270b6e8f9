using MoCo.Contrast.Losses;
using MoCo.Encoders;

namespace MoCo.Contrast;

public sealed partial class MomentumContrast
{
    internal override bool ForwardsInParts => true;

    /// <summary>The same step with part j of the batch being its samples j, j + parts, …: those that split BatchNorm would see as groups of
    /// their own. All keys are made before the first query, and enter the queue after the step.</summary>
    internal override ContrastiveLoss ForwardInParts(StepInput input, int parts, Action<Tensor> backward)
    {
        using DisposeScope scope = NewDisposeScope();
        momentumUpdate?.UpdateAt(input.Progress);
        long[][] rows = PartsOf(input.Query.shape[0], parts);
        bool bothWays = symmetric != SymmetricLoss.Off;
        (long first, long second) = bothWays ? (2 * input.Step, 2 * input.Step + 1) : (input.Step, input.Step);
        (Tensor k2, Tensor all) = EmbedKeys(input.Key, first, input.Group, parts);
        Tensor? k1 = null;
        if (bothWays)
        {
            (k1, Tensor more) = EmbedKeys(input.Query, second, input.Group, parts);
            all = cat([more, all], 0);
        }
        Tensor queries = empty_like(k2), measures = zeros(5, dtype: k2.dtype, device: k2.device);
        PartStatistics statistics = new(flatBuffers);
        foreach (long[] part in rows)
        {
            using DisposeScope pass = NewDisposeScope();
            statistics.Begin();
            StepInput own = input.Rows(part);
            Tensor index = tensor(part, device: k2.device), q1 = Embed(own.Query);
            Tensor? q2 = bothWays ? Embed(own.Key) : null, small = EmbedSmall(own);
            ContrastiveLoss loss = Contrast(q1, small, k2.index_select(0, index), own, first);
            if (k1 is not null)
            {
                loss = ContrastiveLoss.Combine(loss, Contrast(q2!, small, k1.index_select(0, index), own, second),
                    mean: symmetric == SymmetricLoss.Mean);
            }
            statistics.End();
            using Scalar share = ((double)part.Length / input.Query.shape[0]).ToScalar();
            using (no_grad())
            {
                measures.add_(stack(loss.All, 0), share);
                queries.index_copy_(0, index, q1);
            }
            backward(loss.Loss.mul(share));
        }
        statistics.Finish(rows.Length);
        CountFalseNegatives(queries, input);
        input.Show(queries, k2);
        int[] indices = Numbers(input.Indices, input), labels = Numbers(input.Labels, input);
        if (bothWays) (indices, labels) = ([.. indices, .. indices], [.. labels, .. labels]);
        Hold(all, indices, labels, input.Step);
        return new ContrastiveLoss(measures[0], measures[1], measures[2], measures[3], measures[4]).MoveToOuterDisposeScope();
    }

    /// <summary>The samples of each part; one part where a part had fewer than two.</summary>
    private static long[][] PartsOf(long batch, int parts) => batch / parts < 2 ? [[.. Rows(batch, 0, 1)]]
        : [.. Enumerable.Range(0, parts).Select(part => Rows(batch, part, parts).ToArray())];

    private static IEnumerable<long> Rows(long batch, long first, int step)
    {
        for (long row = first; row < batch; row += step) yield return row;
    }

    /// <summary>Embeds a batch in parts.</summary>
    private Tensor EmbedInParts(Encoder encoder, Tensor batch, int parts)
    {
        long[][] rows = PartsOf(batch.shape[0], parts);
        PartStatistics statistics = new(flatBuffers);
        List<Tensor> made = [];
        foreach (long[] part in rows)
        {
            statistics.Begin();
            using Tensor x = ChannelsLast.SelectSamples(batch, part);
            made.Add(encoder.call(x));
            statistics.End();
        }
        statistics.Finish(rows.Length);
        using Tensor order = tensor(rows.SelectMany(part => part).ToArray(), device: batch.device), together = cat(made, 0);
        return empty_like(together).index_copy_(0, order, together);
    }

    /// <summary>BatchNorm's statistics over the parts of a batch: each part moves those that the batch began with, and the mean of what
    /// comes of it is kept, as of the groups of split BatchNorm. The tensors live in the scope.</summary>
    private sealed class PartStatistics(Tensor[] buffers)
    {
        private readonly Tensor[] before = [.. buffers.Select(buffer => buffer.clone())];
        private readonly Tensor[] moved = [.. buffers.Select(buffer => zeros_like(buffer))];

        public void Begin()
        {
            using IDisposable constant = no_grad();
            foreach ((Tensor buffer, Tensor start) in buffers.Zip(before)) buffer.copy_(start);
        }

        public void End()
        {
            using IDisposable constant = no_grad();
            foreach ((Tensor buffer, Tensor start, Tensor sum) in buffers.Zip(before, moved))
            {
                using Tensor move = buffer.add(start, MinusOne);
                sum.add_(move, One);
            }
        }

        /// <summary>Counts of batches are whole numbers, and have moved by as much in each part.</summary>
        public void Finish(int parts)
        {
            using IDisposable constant = no_grad();
            using Scalar share = (1.0 / parts).ToScalar();
            foreach ((Tensor buffer, Tensor start, Tensor sum) in buffers.Zip(before, moved))
                if (buffer.is_floating_point()) buffer.copy_(start).add_(sum, share);
        }
    }
}
