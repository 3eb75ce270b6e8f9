using System.Diagnostics;
using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>What a worker does with the images it has claimed: fetch, decode, make the views, sort the errors.</summary>
internal sealed class ViewMaker(ViewPlan plan, ImagePass pass, ErrorLimit errors)
{
    private volatile bool stopped;

    /// <summary>Ends a run of images early.</summary>
    internal bool Stopped
    {
        get => stopped;
        set => stopped = value;
    }

    /// <returns>The error, if the image cannot be fetched.</returns>
    internal LoaderException? TryFetch(ViewSlot slot, int place, WorkerMemory worker)
    {
        long number = ((long)slot.Batch * plan.Options.BatchSize) + place;
        try
        {
            pass.Fetch(number, worker);
            (slot.Indices[place], slot.Labels[place]) = (worker.Index, worker.Label);
            return null;
        }
        catch (Exception cause)
        {
            return new LoaderException(plan.Set.Name, $"{plan.Set.Name}, image {worker.Index}", worker.Index, cause);
        }
    }

    /// <summary>Makes the views of a run of places, of which one in order is fetched already.</summary>
    internal Run Make(ViewSlot slot, int begin, int end, WorkerMemory worker)
    {
        Run run = default(Run);
        worker.Image.Reduction = plan.Options.DecodeSmaller ? (width, height) => Reduction(worker, width, height) : null;
        for (int place = begin; place < end && !stopped; place++)
        {
            if (!pass.InOrder) run.Error = TryFetch(slot, place, worker);
            if (run.Error is null) MakeOne(slot, place, worker, ref run);
            worker.DropGiant();
            if (run.Error is null && run.Fatal is null) continue;
            run.ErrorPlace = place;
            break;
        }
        // The memory is written to by address: it must outlive the last write, also of a worker that everybody has left behind.
        GC.KeepAlive(slot);
        return run;
    }

    private void MakeOne(ViewSlot slot, int place, WorkerMemory worker, ref Run run)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            bool readable = Read(worker, ref run);
            long decoded = Stopwatch.GetTimestamp();
            run.DecodeTicks += decoded - start;
            if (!readable)
            {
                slot.Bad[place] = true;
                run.Bad++;
                return;
            }
            for (int view = 0; view < plan.Views; view++)
            {
                SampleRandom random = RandomFor(worker, view);
                plan.Recipes[view].Apply(worker.Image, slot.Row(view, place), plan.Options.BFloat16, worker.Scratch, ref random);
            }
            run.AugmentTicks += Stopwatch.GetTimestamp() - decoded;
        }
        catch (Exception cause)
        {
            run.Error = new LoaderException(plan.Set.Name, Locate(worker), worker.Index, cause);
        }
    }

    private SampleRandom RandomFor(WorkerMemory worker, int view) => new(plan.Options.Seed, plan.Epoch, worker.Index, view);

    /// <summary>By which factor the image at hand may be decoded smaller for all of its views.</summary>
    private int Reduction(WorkerMemory worker, int width, int height)
    {
        int least = int.MaxValue;
        for (int view = 0; view < plan.Views; view++)
            least = Math.Min(least, plan.Recipes[view].Reduction(width, height, RandomFor(worker, view)));
        return least;
    }

    /// <summary>Decodes; an image that cannot be read is the data's error and goes on record, any other exception is a program's.</summary>
    private bool Read(WorkerMemory worker, ref Run run)
    {
        try
        {
            pass.Decode(worker);
        }
        catch (Exception cause) when (cause is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            run.Fatal = errors.Report(pass, worker, cause);
            return false;
        }
        if (worker.Image.Channels != plan.Set.Channels)
        {
            throw new InvalidOperationException(
                $"Expected an image of {plan.Set.Channels} channels, as the source says, found {worker.Image.Channels}.");
        }
        return true;
    }

    private string Locate(WorkerMemory worker)
    {
        try
        {
            return pass.Locate(worker);
        }
        catch (Exception)
        {
            // A source that cannot even say where: its name and the number must do.
            return $"{plan.Set.Name}, image {worker.Index}";
        }
    }

    /// <summary>What became of a run of places.</summary>
    internal struct Run
    {
        internal long DecodeTicks, AugmentTicks;
        internal int Bad, ErrorPlace;
        internal LoaderException? Error, Fatal;
    }
}
