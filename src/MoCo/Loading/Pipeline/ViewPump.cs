using System.Diagnostics;

namespace MoCo.Loading.Pipeline;

/// <summary>Worker threads that make the batches of one pass, a bounded number ahead of the one consumer.</summary>
/// <remarks>Workers take small runs of images of the same batch, so that the first batch is ready as early as possible and no more memory
/// is held than the slots'. They write to plain memory and never touch a tensor: TorchSharp's scopes and gradient mode belong to
/// threads.</remarks>
internal sealed class ViewPump : IDisposable
{
    private const int LongestRun = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.9);

    private readonly ViewPlan plan;
    private readonly ViewPool pool;
    private readonly ImagePass pass;
    private readonly ViewMaker maker;
    private readonly Thread[] threads;
    private readonly int run;

    // Where images are fetched one by one: held while one is. Taken before the gate, never after.
    private readonly object turn = new();

    // Shared, under the gate.
    private readonly object gate = new();
    private readonly ViewSlot?[] slots;
    private ViewSlot? open;
    private int nextBatch;
    private int nextPlace;
    private int nextDelivered;
    private int working;
    private bool abandoned;
    private bool stopped;
    private Exception? fatal;

    internal ViewPump(ViewPlan plan, ViewPool pool, ErrorLimit errors)
    {
        (this.plan, this.pool) = (plan, pool);
        nextBatch = nextDelivered = plan.FirstBatch;
        pass = ImagePass.Open(plan, pool);
        maker = new ViewMaker(plan, pass, errors);
        run = pass.InOrder ? 1 : Math.Clamp(plan.Options.BatchSize / plan.Options.Workers, 1, LongestRun);
        slots = new ViewSlot?[Math.Clamp(plan.EndBatch - plan.FirstBatch, 1, plan.Options.PrefetchBatches)];
        for (int i = 0; i < slots.Length; i++) slots[i] = pool.Rent();
        threads = new Thread[plan.Options.Workers];
        working = threads.Length;
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"MoCo loader {i}" };
            threads[i].UnsafeStart();
        }
    }

    /// <summary>Waits for the next batch, whose memory is the caller's from now on; a cancel is seen at <see cref="Wake"/>.</summary>
    internal ViewSlot Take(CancellationToken cancellationToken, out int ready, out double waited)
    {
        long start = Stopwatch.GetTimestamp();
        ViewSlot taken;
        int place;
        lock (gate)
        {
            for (place = FindReady(out ready); place < 0; place = FindReady(out _))
            {
                ThrowIfEnded(cancellationToken);
                Monitor.Wait(gate);
            }
            ThrowIfEnded(cancellationToken);
            taken = slots[place]!;
            if (taken.Error is { } error) throw error;
            slots[place] = null;
            nextDelivered++;
        }
        waited = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Outside the gate: it may allocate.
        ViewSlot next = pool.Rent();
        lock (gate)
        {
            slots[place] = next;
            Monitor.PulseAll(gate);
        }
        return taken;
    }

    /// <summary>Lets a waiting consumer look at its cancellation again, from any thread.</summary>
    internal void Wake()
    {
        lock (gate) Monitor.PulseAll(gate);
    }

    /// <summary>Tells the workers to end, from any thread.</summary>
    internal void Stop() => Stop(null);

    /// <summary>Ends the workers and waits for them, but not for ever: one that hangs in a source's file ends by itself later.</summary>
    public void Dispose()
    {
        Stop(null);
        long start = Stopwatch.GetTimestamp();
        foreach (Thread thread in threads)
        {
            TimeSpan left = Patience - Stopwatch.GetElapsedTime(start);
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        lock (gate)
        {
            // Memory that a late worker may still write to is never used again; the finaliser frees it after him.
            abandoned = working > 0;
            if (abandoned) return;
        }
        foreach (ViewSlot? slot in slots)
            if (slot is not null) pool.Return(slot);

        pass.Dispose();
    }

    private void Stop(Exception? because)
    {
        lock (gate)
        {
            stopped = maker.Stopped = true;
            fatal ??= because;
            Monitor.PulseAll(gate);
        }
    }

    private void ThrowIfEnded(CancellationToken cancellationToken)
    {
        if (fatal is not null) throw fatal;
        ObjectDisposedException.ThrowIf(stopped, plan.Loader);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The slot to deliver next, or −1; in order the one of the next number, else the lowest that is ready.</summary>
    private int FindReady(out int ready)
    {
        (int best, int found) = (int.MaxValue, -1);
        ready = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i] is not { Batch: >= 0, Left: 0 } slot) continue;
            ready++;
            if (slot.Batch < best) (best, found) = (slot.Batch, i);
        }
        return found >= 0 && (!plan.Options.Ordered || best == nextDelivered) ? found : -1;
    }

    private void Work()
    {
        WorkerMemory worker = pool.RentWorker();
        while (pass.InOrder ? ClaimInOrder(worker, out ViewSlot? slot, out int begin, out int end) : Claim(out slot, out begin, out end))
        {
            ViewMaker.Run done = maker.Make(slot, begin, end, worker);
            // Before the batch can be taken: it may be the last.
            if (done.Fatal is not null) Stop(done.Fatal);
            lock (gate)
            {
                slot.DecodeTicks += done.DecodeTicks;
                slot.AugmentTicks += done.AugmentTicks;
                slot.BadCount += done.Bad;
                Finish(slot, end - begin, done.Error, done.ErrorPlace);
            }
        }
        pool.Return(worker);
        bool last;
        lock (gate) last = --working == 0 && abandoned;
        if (last) pass.Dispose();
    }

    private bool Claim(out ViewSlot slot, out int begin, out int end)
    {
        lock (gate)
        {
            (slot, begin, end) = (open!, nextPlace, 0);
            while (!stopped && nextBatch < plan.EndBatch && open is null)
            {
                open = Array.Find(slots, free => free?.Batch == -1);
                if (open is null) Monitor.Wait(gate);
                else open.Begin(nextBatch, plan.SizeOf(nextBatch));
            }
            if (stopped || nextBatch >= plan.EndBatch) return false;
            (slot, begin) = (open!, nextPlace);
            end = Math.Min(begin + run, slot.Size);
            (nextBatch, nextPlace) = end == slot.Size ? (nextBatch + 1, 0) : (nextBatch, end);
            if (nextPlace == 0) open = null;
            return true;
        }
    }

    private bool ClaimInOrder(WorkerMemory worker, out ViewSlot slot, out int begin, out int end)
    {
        lock (turn)
        {
            if (!Claim(out slot, out begin, out end)) return false;
            if (maker.TryFetch(slot, begin, worker) is not { } error) return true;

            // Nothing can be read behind this place: nobody shall wait for what is left of the batch.
            lock (gate)
            {
                (nextBatch, nextPlace, open) = (plan.EndBatch, 0, null);
                Finish(slot, slot.Size - begin, error, begin);
            }
            return false;
        }
    }

    private void Finish(ViewSlot slot, int count, LoaderException? error, int place)
    {
        if (error is not null && (slot.Error is null || place < slot.ErrorPlace)) (slot.Error, slot.ErrorPlace) = (error, place);
        slot.Left -= count;
        if (slot.Left == 0) Monitor.PulseAll(gate);
    }
}
