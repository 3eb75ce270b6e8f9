using System.Diagnostics;

namespace MoCo.Data;

/// <summary>Worker threads that make the batches of one pass, in order, a bounded number ahead of the one consumer.</summary>
/// <remarks>Workers take small runs of pictures of the same batch, so that the first batch is ready as early as possible and
/// no more memory is held than the slots'. They write plain floats and never touch a tensor: TorchSharp's scopes and
/// gradient mode belong to threads.</remarks>
internal sealed class ViewPump : IDisposable
{
    private const int LongestRun = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ViewPlan plan;
    private readonly ViewPool pool;
    private readonly ViewSlot[] slots;
    private readonly Thread[] threads;
    private readonly int run;

    // Shared, under the gate.
    private readonly object gate = new();
    private int nextBatch;
    private int nextPlace;
    private int released;
    private volatile bool stopped;
    private bool disposed;

    internal ViewPump(ViewPlan plan, ViewPool pool)
    {
        (this.plan, this.pool) = (plan, pool);
        nextBatch = released = plan.FirstBatch;
        run = Math.Clamp(plan.BatchSize / plan.Workers, 1, LongestRun);
        slots = new ViewSlot[Math.Clamp(plan.EndBatch - plan.FirstBatch, 1, plan.Prefetch)];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = pool.RentSlot(plan);
        threads = new Thread[plan.Workers];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"MoCo loader {i}" };
            threads[i].UnsafeStart();
        }
    }

    /// <summary>Seconds that <see cref="Take"/> has waited.</summary>
    internal double SecondsWaited { get; private set; }

    /// <summary>Waits for the next batch; its memory is the caller's until <see cref="Release"/>.</summary>
    internal ViewSlot Take()
    {
        lock (gate)
        {
            var slot = slots[released % slots.Length];
            if (!Ready(slot))
            {
                var start = Stopwatch.GetTimestamp();
                while (!Ready(slot))
                    Monitor.Wait(gate);
                SecondsWaited += Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            ObjectDisposedException.ThrowIf(stopped, typeof(TwoCropLoader));
            if (slot.Fault is { } fault)
                throw fault;
            return slot;
        }
    }

    /// <summary>Gives the memory of the batch last taken back to the workers.</summary>
    internal void Release()
    {
        lock (gate)
        {
            released++;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Tells the workers to end, from any thread.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends the workers and waits for them, but not for ever: one that hangs in a source's file ends by itself later.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        Stop();
        var start = Stopwatch.GetTimestamp();
        var ended = true;
        foreach (var thread in threads)
        {
            var left = Patience - Stopwatch.GetElapsedTime(start);
            ended &= thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        // Memory that a late worker may still write to is never used again.
        if (ended)
            Array.ForEach(slots, pool.Return);
    }

    private bool Ready(ViewSlot slot) => stopped || (slot.Batch == released && slot.Left == 0);

    private void Work()
    {
        var memory = pool.RentWorker();
        while (Claim(out var slot, out var begin, out var end))
        {
            var (fault, place) = Fill(slot, begin, end, memory);
            lock (gate)
            {
                if (fault is not null && (slot.Fault is null || place < slot.FaultPlace))
                    (slot.Fault, slot.FaultPlace) = (fault, place);
                slot.Left -= end - begin;
                if (slot.Left == 0)
                    Monitor.PulseAll(gate);
            }
        }

        pool.Return(memory);
    }

    private bool Claim(out ViewSlot slot, out int begin, out int end)
    {
        lock (gate)
        {
            while (!stopped && nextBatch < plan.EndBatch && nextBatch - released >= slots.Length)
                Monitor.Wait(gate);
            slot = slots[nextBatch % slots.Length];
            (begin, end) = (nextPlace, 0);
            if (stopped || nextBatch >= plan.EndBatch)
                return false;

            var size = plan.SizeOf(nextBatch);
            if (begin == 0)
                (slot.Batch, slot.Left) = (nextBatch, size);
            end = Math.Min(begin + run, size);
            (nextBatch, nextPlace) = end == size ? (nextBatch + 1, 0) : (nextBatch, end);
            return true;
        }
    }

    private (LoaderException? Fault, int Place) Fill(ViewSlot slot, int begin, int end, ViewPool.WorkerMemory memory)
    {
        var length = plan.ViewLength;
        for (var place = begin; place < end && !stopped; place++)
        {
            var index = plan.PictureAt(slot.Batch, place);
            try
            {
                plan.Source.Read(index, memory.Picture);
                if (memory.Picture.Channels != plan.Source.Channels)
                    throw new InvalidDataException($"Expected a picture of {plan.Source.Channels} channels, as the source says, found {memory.Picture.Channels}.");
                for (var view = 0; view < plan.Views; view++)
                {
                    var random = new SampleRandom(plan.Seed, plan.Epoch, index, view);
                    plan.Recipe.Apply(memory.Picture, slot.Views[view].AsSpan(place * length, length), memory.Scratch, ref random);
                }
            }
            catch (Exception cause)
            {
                return (new LoaderException(plan.Source.Name, index, cause), place);
            }
        }

        return (null, 0);
    }
}
