using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Benchmarks.Measuring;

/// <summary>The parts of the way from a file in memory to two views, in one thread: what a loader's worker does. Each call of a part takes
/// the next <see cref="Chunk"/> images.</summary>
internal sealed class PipelineParts
{
    /// <summary>Images between two readings of the clock.</summary>
    public const int Chunk = 8;

    private const int Decoded = 16;

    private readonly byte[][] files;
    private readonly ImageBuffer[] decoded;
    private readonly AugmentationRecipe recipe;
    private readonly ImageDecoder decoder;
    private readonly ImageDecoder skia;
    private readonly AugmentationScratch scratch = new();
    private readonly ImageBuffer image = new();
    private readonly ImageBuffer current = new();
    private readonly float[] view;
    private readonly long[] stepTicks;
    private readonly List<double>[] stepMilliseconds;
    private readonly Dictionary<string, int> places = PipelinePart.Direct.ToDictionary(p => p, _ => 0);
    private readonly List<double> pairCpuMilliseconds = [];
    private int number;

    public PipelineParts(byte[][] files, AugmentationRecipe recipe, ImageDecoder decoder, ImageDecoder skia)
    {
        (this.files, this.recipe, this.decoder, this.skia) = (files, recipe, decoder, skia);
        view = new float[3 * recipe.OutputSize * recipe.OutputSize];
        stepTicks = new long[recipe.Steps.Length + 1];
        stepMilliseconds = [.. stepTicks.Select(_ => new List<double>())];
        decoded = [.. files.Take(Decoded).Select(file =>
        {
            ImageBuffer buffer = new();
            decoder.Decode(file, buffer);
            return buffer;
        })];
    }

    public Action Of(string part) => part switch
    {
        PipelinePart.Decode => () => DecodeAll(part, decoder),
        PipelinePart.DecodeSkia => () => DecodeAll(part, skia),
        PipelinePart.Pair => () => MakePairs(part, decoder),
        PipelinePart.PairSkia => () => MakePairs(part, skia),
        PipelinePart.Views => MakeViews,
        _ => MakeViewsStepByStep,
    };

    /// <summary>Managed memory that decoding and two views take from the heap for each image, once warm.</summary>
    public double BytesPerImage()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        MakeChunk(PipelinePart.Pair, decoder);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Chunk;
    }

    /// <summary>Milliseconds a view of each step, those views included that the step left alone: the median of the chunks' means.</summary>
    public IEnumerable<(string Step, double Milliseconds)> StepTimes()
    {
        for (int i = 0; i < stepTicks.Length; i++)
            yield return (i < recipe.Steps.Length ? recipe.Steps[i].GetType().Name
                : nameof(Normalize), Statistics.Median(stepMilliseconds[i]));
    }

    /// <summary>Milliseconds of processor time that this process spent on a pair: unlike the clock's, they do not grow while other programs
    /// have the core.</summary>
    public double PairCpuTime() => Statistics.Median(pairCpuMilliseconds);

    /// <summary>Forgets what the parts noted themselves: the warm-up's times are not the steady state's.</summary>
    public void ForgetTimes()
    {
        pairCpuMilliseconds.Clear();
        foreach (List<double> durations in stepMilliseconds) durations.Clear();
    }

    private void DecodeAll(string part, ImageDecoder with)
    {
        for (int i = 0; i < Chunk; i++) with.Decode(files[Next(part, files.Length)], image);
    }

    private void MakePairs(string part, ImageDecoder with)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        MakeChunk(part, with);
        if (part == PipelinePart.Pair) pairCpuMilliseconds.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Chunk);
    }

    private void MakeChunk(string part, ImageDecoder with)
    {
        for (int i = 0; i < Chunk; i++)
        {
            with.Decode(files[Next(part, files.Length)], image);
            MakePair(image);
        }
    }

    private void MakeViews()
    {
        for (int i = 0; i < Chunk; i++) MakePair(decoded[Next(PipelinePart.Views, decoded.Length)]);
    }

    private void MakePair(ImageBuffer of)
    {
        number++;
        for (int v = 0; v < 2; v++)
        {
            SampleRandom random = new(0, 0, number, v);
            recipe.Apply(of, view, scratch, ref random);
        }
    }

    /// <summary>The recipe's steps one by one with a clock between them.</summary>
    private void MakeViewsStepByStep()
    {
        Array.Clear(stepTicks);
        for (int i = 0; i < Chunk; i++)
        {
            ImageBuffer of = decoded[Next(PipelinePart.Steps, decoded.Length)];
            SampleRandom random = new(0, 0, number++, 0);
            long before = Stopwatch.GetTimestamp();
            for (int step = 0; step < recipe.Steps.Length; step++)
            {
                if (step == 0) ((ResamplingStep)recipe.Steps[0]).Resample(of, current, scratch, ref random);
                else recipe.Steps[step].Apply(current, scratch, ref random);
                long after = Stopwatch.GetTimestamp();
                stepTicks[step] += after - before;
                before = after;
            }
            recipe.Normalization.Apply(current, view);
            stepTicks[^1] += Stopwatch.GetTimestamp() - before;
        }
        for (int i = 0; i < stepTicks.Length; i++) stepMilliseconds[i].Add(stepTicks[i] * 1000.0 / Stopwatch.Frequency / Chunk);
    }

    private int Next(string part, int count) => places[part]++ % count;
}
