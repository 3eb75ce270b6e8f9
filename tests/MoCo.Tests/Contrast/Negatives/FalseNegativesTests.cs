using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Negatives;

public sealed class FalseNegativesTests
{
    private const int Length = 1500, Dimension = 8;

    [Theory]
    [InlineData(Length)]  // a full queue
    [InlineData(700)]     // half of it random keys from its beginning
    public void Shares_equal_a_naive_count_of_the_querys_class_among_all_keys_and_the_nearest(int enqueued)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        using Generator generator = new(4, CPU);
        Random random = new(5);
        Encoder encoder = TinyBackbone.Encoder();
        KeyQueue queue = new(Dimension, Length, generator, trackSlots: true);
        int[] classes = [.. Enumerable.Range(0, enqueued).Select(_ => random.Next(-1, 4))];
        queue.Enqueue(nn.functional.normalize(randn(enqueued, Dimension, generator: generator), dim: 1), 0, new int[enqueued], classes);
        using MomentumContrast method = new(encoder, TinyBackbone.Encoder(), queue);
        Tensor images = randn(40, 1, 6, 6, generator: generator), keys = queue.Keys().clone();
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i == 3 ? -1 : i % 4)];
        Tensor q = nn.functional.normalize(encoder.call(images), dim: 1).detach();

        method.Forward(new StepInput(images, images, 0) { Labels = labels }).Dispose();
        Assert.Null(method.TakeFalseNegatives());
        method.Forward(new StepInput(images, images, 0) { Labels = labels, IsMeasured = true }).Dispose();
        (double InQueue, int Nearest, double InNearest) found = method.TakeFalseNegatives()!.Value;

        int[] known = [.. Enumerable.Range(0, enqueued).Where(slot => classes[slot] >= 0)];
        int nearest = Math.Min(1024, known.Length);
        List<double> all = [], near = [];
        foreach (int n in Enumerable.Range(0, 40).Where(n => labels[n] >= 0).Take(32))
        {
            bool IsSame(int slot) => classes[slot] == labels[n];
            float[] similarities = keys.matmul(q[n]).data<float>().ToArray();
            all.Add((double)known.Count(IsSame) / known.Length);
            near.Add((double)known.OrderByDescending(slot => similarities[slot]).Take(nearest).Count(IsSame) / nearest);
        }
        Assert.Equal(nearest, found.Nearest);
        Assert.Equal(all.Average(), found.InQueue, 1e-6);
        Assert.Equal(near.Average(), found.InNearest, 1e-4);
        Assert.Null(method.TakeFalseNegatives());
    }

    [Fact]
    public void Without_labels_beside_the_keys_or_in_the_batch_nothing_is_said()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn(6, 1, 6, 6);
        foreach (bool tracks in new[] { false, true })
        {
            using MomentumContrast method = new(
                TinyBackbone.Encoder(), TinyBackbone.Encoder(), new KeyQueue(Dimension, 20, trackSlots: tracks));
            for (int step = 0; step < 2; step++)
            {
                method.Forward(new StepInput(images, images, step) { IsMeasured = true, Labels = tracks ? [] : new int[6] }).Dispose();
                method.AfterBackward();
                Assert.Null(method.TakeFalseNegatives());
            }
        }
    }
}
