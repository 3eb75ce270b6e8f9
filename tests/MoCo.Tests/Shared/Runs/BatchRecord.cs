using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;
using MoCo.Tensors;
using TorchSharp;

namespace MoCo.Tests.Shared.Runs;

/// <summary>Batches written down, so that they can be compared after their memory has gone back.</summary>
internal sealed record BatchRecord(int Number, int[] Indices, int[] Labels, float[] Query, float[] Key)
{
    internal static AugmentationRecipe Recipe { get; } = AugmentationRecipe.Grey(8);

    internal static BatchRecord Of(TwoCropBatch batch)
    {
        using (batch)
            return new BatchRecord(batch.Number, batch.Indices.ToArray(), batch.Labels.ToArray(), Values(batch.Query), Values(batch.Key));
    }

    internal static List<BatchRecord> Epoch(IImageSource source, LoaderOptions options, int epoch, int firstBatch = 0)
    {
        using TwoCropLoader loader = new(source, Recipe, options);
        return [.. loader.Epoch(epoch, firstBatch).Select(Of)];
    }

    internal static List<BatchRecord> Epoch(IImageStream source, LoaderOptions options, int epoch, int firstBatch = 0)
    {
        using TwoCropLoader loader = new(source, Recipe, options);
        return [.. loader.Epoch(epoch, firstBatch).Select(Of)];
    }

    internal static void AssertEqual(IReadOnlyList<BatchRecord> expected, IReadOnlyList<BatchRecord> found)
    {
        Assert.Equal(expected.Select(batch => batch.Number), found.Select(batch => batch.Number));
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Indices, found[i].Indices);
            Assert.Equal(expected[i].Labels, found[i].Labels);
            Assert.Equal(expected[i].Query, found[i].Query);
            Assert.Equal(expected[i].Key, found[i].Key);
        }
    }

    /// <summary>The views of one row, N×H×W×C.</summary>
    internal float[] Row(int row) => [.. Query.AsSpan(row * 64, 64), .. Key.AsSpan(row * 64, 64)];

    internal static float[] Values(torch.Tensor views)
    {
        using torch.Tensor rows = views.permute(0, 2, 3, 1);
        return rows.ToFloats();
    }
}
