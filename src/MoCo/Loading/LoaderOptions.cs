using MoCo.Data;
using MoCo.Loading.Pipeline;

namespace MoCo.Loading;

/// <summary>How a loader cuts its source into batches.</summary>
public sealed record LoaderOptions
{
    private const int AlwaysTolerated = 10;
    private const int MostImages = 1 << 20, MostWorkers = 1024, MostBatches = 1024, MostRanks = 1 << 16;

    /// <summary>Images in a batch. Default 256, 1 … 1,048,576.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The run's seed: order and views depend on it. Default 0, any value.</summary>
    public long Seed { get; init; }

    /// <summary>Threads that read images and make views. Default: all processors but one, 1 … 1,024. The batches do not depend on
    /// it.</summary>
    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Batches made ahead of the consumer; each takes its own memory. Default 4, 1 … 1,024.</summary>
    public int PrefetchBatches { get; init; } = 4;

    /// <summary>Leaves out a last batch that is not full. Default false: every image is used in every epoch.</summary>
    public bool DropLast { get; init; }

    /// <summary>A new order in every epoch. Default true; false: the source's order.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Batches come in the order of their numbers. Default true; false: as soon as they are done, with the same content.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>This process among those that share the source. Default 0, 0 … <see cref="Ranks"/> − 1.</summary>
    public int Rank { get; init; }

    /// <summary>Processes that share the source: every epoch gives each the same number of images, none to two of them, and leaves out the
    /// remainder. Default 1, 1 … 65,536.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>The share of the source's images that may turn out unreadable before loading stops with their list; whatever the share, 10
    /// may, so that a few do not stop a small set, unless it is 0: then none may. Default 0.01, 0 … 1.</summary>
    public double MaximumErrorShare { get; init; } = 0.01;

    /// <summary>Views of bfloat16 instead of float32, rounded to nearest: half the memory, for an encoder that computes in it. Default
    /// false.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>Whether large JPEGs are decoded in a half, a quarter or an eighth of their size, the smallest in which the part of the
    /// image that each of its views shows (<see cref="Augmentation.AugmentationStep.RandomResizedCrop"/> or
    /// <see cref="Augmentation.AugmentationStep.ResizeShorterSide"/> as the recipe's first step) still has twice the view's pixels in
    /// either direction. What is drawn stays the same, the crop in pixels of the full image too; grey levels differ by a third on average.
    /// Images of other formats, and JPEGs too small for it, are as ever. Default false.</summary>
    public bool DecodeSmaller { get; init; }

    internal int BytesPerValue => BFloat16 ? sizeof(ushort) : sizeof(float);

    /// <summary>How many of a source's images may turn out unreadable.</summary>
    internal double MostErrors(long images) => MaximumErrorShare == 0 ? 0 : Math.Max(AlwaysTolerated, MaximumErrorShare * images);

    /// <summary>Ends a pass of the caller's own over a source as a loader does: where more of its images turned out unreadable than
    /// <see cref="MaximumErrorShare"/> allows.</summary>
    /// <param name="source">The source, which has recorded its errors.</param>
    /// <param name="index">The number of the image last met.</param>
    /// <exception cref="LoaderException">There are too many; the message lists the first.</exception>
    public void CheckErrors(IImageSet source, int index)
    {
        ArgumentNullException.ThrowIfNull(source);
        long total = ImagePass.CountOf(source);
        if (source.Errors.Count > MostErrors(total))
            throw new LoaderException(source.Name, index, source.Errors.Count, total, this, source.Errors.First);
    }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(LoaderOptions))
        .Check(BatchSize is >= 1 and <= MostImages, BatchSize, $"1 to {MostImages}")
        .Check(Workers is >= 1 and <= MostWorkers, Workers, $"1 to {MostWorkers}")
        .Check(PrefetchBatches is >= 1 and <= MostBatches, PrefetchBatches, $"1 to {MostBatches}")
        .Check(Ranks is >= 1 and <= MostRanks, Ranks, $"1 to {MostRanks}")
        .Check(Rank >= 0 && Rank < Math.Max(Ranks, 1), Rank, $"0 to {Math.Max(Ranks, 1) - 1}, below Ranks")
        .Check(MaximumErrorShare is >= 0 and <= 1, MaximumErrorShare, "0 to 1")
        .ThrowIfAny();
}
