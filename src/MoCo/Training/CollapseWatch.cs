using MoCo.Encoders;
using MoCo.Loading;

namespace MoCo.Training;

/// <summary>Measures embeddings that a run's steps compute anyway, every so many steps of an epoch and at its end. A batch of N shows a
/// rank of N at most, so those of the latest steps are kept, as far as they come to 512; in all other steps nothing is done.</summary>
/// <param name="everySteps">Steps between two measurements; 0: never.</param>
internal sealed class CollapseWatch(int everySteps) : IDisposable
{
    private const int Rows = 512;

    private readonly LatestRows queries = new(Rows), keys = new(Rows), features = new(Rows);
    private Encoder? watched;
    private long stepsToCome;

    /// <summary>Begins a step.</summary>
    /// <returns>Who is to be shown the step's embeddings; null: nobody.</returns>
    public Action<Tensor, Tensor>? Begin(Encoder encoder, long step, TwoCropBatch batch)
    {
        stepsToCome = StepsToCome(step, batch);
        // The last batch of an epoch may be smaller than this one.
        if (everySteps == 0 || (stepsToCome - 1) * batch.Size >= Rows) return null;
        watched = encoder;
        watched.FeaturesMade += TakeFeatures;
        return Take;
    }

    /// <summary>Ends a step.</summary>
    /// <returns>What was measured, where it was time to.</returns>
    public MeasuredEmbeddings? End()
    {
        Leave();
        if (everySteps == 0 || stepsToCome > 0 || queries.Latest is not { } q || keys.Latest is not { } k) return null;
        using (q)
        using (k)
        using (Tensor? f = features.Latest)
        {
            Forget();
            return MeasuredEmbeddings.Of(q, k, f);
        }
    }

    /// <summary>Drops what was taken: the step has not been, or another run goes on.</summary>
    public void Forget()
    {
        Leave();
        foreach (LatestRows rows in (ReadOnlySpan<LatestRows>)[queries, keys, features]) rows.Clear();
    }

    public void Dispose()
    {
        Leave();
        foreach (LatestRows rows in (ReadOnlySpan<LatestRows>)[queries, keys, features]) rows.Dispose();
    }

    private void Leave()
    {
        if (watched is not null) watched.FeaturesMade -= TakeFeatures;
        watched = null;
    }

    /// <summary>Steps after this one before it is time; where the epoch ends soon after that, it is time then.</summary>
    private long StepsToCome(long step, TwoCropBatch batch)
    {
        if (everySteps == 0) return 0;
        if (batch.BatchesPerEpoch == 0) return everySteps - 1 - step % everySteps;
        long next = everySteps - 1 - batch.Number % everySteps, end = Math.Max(0, batch.BatchesPerEpoch - 1 - batch.Number);
        return end - next < everySteps / 2 ? end : next;
    }

    private void Take(Tensor q, Tensor k)
    {
        queries.Add(q);
        keys.Add(k);
    }

    /// <summary>A step may call the encoder more than once: its first features are taken.</summary>
    private void TakeFeatures(Tensor views, Tensor made)
    {
        Leave();
        if (made.dim() == 2) features.Add(made);
    }

    /// <summary>The latest rows of what is added, in one place of memory.</summary>
    private sealed class LatestRows(int most) : IDisposable
    {
        private Tensor? kept;
        private long next, count;

        /// <summary>The rows, in no order but the same for all that is added alike; null: none.</summary>
        public Tensor? Latest => count == 0 ? null : kept!.narrow(0, 0, count).DetachFromDisposeScope();

        public void Add(Tensor made)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable constant = no_grad();
            Tensor rows = made.detach().narrow(0, 0, Math.Min(most, made.shape[0]));
            if (kept is null || kept.shape[1] != rows.shape[1])
            {
                Dispose();
                kept = empty(most, rows.shape[1], dtype: rows.dtype, device: rows.device).DetachFromDisposeScope();
            }
            long first = Math.Min(rows.shape[0], most - next), rest = rows.shape[0] - first;
            kept.narrow(0, next, first).copy_(rows.narrow(0, 0, first));
            kept.narrow(0, 0, rest).copy_(rows.narrow(0, first, rest));
            next = (next + rows.shape[0]) % most;
            count = Math.Min(most, count + rows.shape[0]);
        }

        public void Clear() => (next, count) = (0, 0);

        public void Dispose()
        {
            kept?.Dispose();
            (kept, next, count) = (null, 0, 0);
        }
    }
}
