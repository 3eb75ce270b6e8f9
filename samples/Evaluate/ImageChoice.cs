using MoCo.Data;
using Samples;

namespace Evaluate;

/// <summary>Chooses some images of many.</summary>
internal static class ImageChoice
{
    /// <summary>At most so many, spread evenly: those of a folder lie class by class.</summary>
    /// <exception cref="UsageException">A stream of more, of which none can be left out.</exception>
    public static IImageSet Spread(IImageSet all, int most)
    {
        if (LabelledData.Count(all) <= most) return all;
        if (all is not IImageSource source) throw new UsageException($"{all.Name} is a stream of shards, of which no images can be chosen; expected fewer shards, or other data.");
        return new ImageSubset(source, Enumerable.Range(0, most).Select(i => (int)((long)i * source.Count / most)));
    }
}
