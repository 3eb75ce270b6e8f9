using System.Text.Json;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Tensors;
using TorchSharp;

namespace MoCo.Tests.Shared;

/// <summary>Feature vectors scattered about one centre for each class.</summary>
internal static class Scattered
{
    public static FeatureSet Set(int count, int dimension, int classes, int seed, double spread = 1)
    {
        SampleRandom random = new(seed, 0, 0, 0);
        int[] labels = new int[count];
        float[] values = new float[count * dimension];
        for (int row = 0; row < count; row++)
        {
            labels[row] = random.NextInt32(classes);
            SampleRandom centre = new(77, 0, labels[row], 0);
            for (int i = 0; i < dimension; i++)
                values[(row * dimension) + i] = (float)(centre.NextNormal() + (spread * random.NextNormal()));
        }
        return Of(values, labels);
    }

    public static FeatureSet Of(float[] values, int[] labels)
    {
        using torch.Tensor row = torch.tensor(values); // held: a collection may come in between
        return new FeatureSet(row.view(labels.Length, -1), labels);
    }

    public static FeatureSet Of(JsonElement features, JsonElement labels)
        => new(Fixture.Tensor(features, torch.ScalarType.Float32), [.. labels.EnumerateArray().Select(label => label.GetInt32())]);

    /// <summary>A set's labels hidden where the row's number is not a multiple.</summary>
    public static FeatureSet Labelling(FeatureSet set, int everyNth)
        => new(set.Features.clone(), [.. set.Labels!.Select((label, row) => row % everyNth == 0 ? label : FeatureSet.Unlabelled)]);

    public static float[] Values(torch.Tensor tensor) => tensor.ToFloats();
}
