using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Mirrors the picture left to right with a given probability.</summary>
public sealed class HorizontalFlip : IAugmentationStep
{
    /// <summary>Checks and takes the probability.</summary>
    /// <param name="probability">0 … 1; MoCo's is ½.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is out of range.</exception>
    public HorizontalFlip(double probability = 0.5)
    {
        Require.Probability(probability);
        Probability = probability;
    }

    /// <summary>The probability of mirroring.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (random.NextBoolean(Probability))
            Mirror(image);
    }

    private static void Mirror(ImageBuffer image)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            row.Reverse();
            if (image.Channels == 3)
            {
                // Reversing the bytes reversed each pixel's channels too: put red and blue back.
                for (var i = 0; i < row.Length; i += 3)
                    (row[i], row[i + 2]) = (row[i + 2], row[i]);
            }
        }
    }
}
