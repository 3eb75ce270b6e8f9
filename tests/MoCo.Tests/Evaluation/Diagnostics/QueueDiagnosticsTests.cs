using MoCo.Contrast.Negatives;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Diagnostics;

public sealed class QueueDiagnosticsTests
{
    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    [InlineData(true, 9)]
    [InlineData(false, 9)]
    public void Ages_are_the_steps_since_a_key_was_made_with_and_without_notes(bool notes, int steps)
    {
        using KeyQueue queue = new(4, 22, trackSlots: notes);
        long[] made = Enumerable.Repeat(-1L, 22).ToArray();
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < 5; i++)
                made[(queue.Position + i) % 22] = step;
            using Tensor keys = Keys(5, (ulong)step);
            queue.Enqueue(keys, step);
        }
        (IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched) ages = QueueDiagnostics.Ages(queue, 5, steps);

        Assert.Equal(made.Select(step => step < 0 ? -1 : steps - 1 - step), ages.Ages);
        Assert.Equal(made.Count(step => step < 0), ages.Untouched);
        Assert.Equal(ages.Ages.Max(), ages.Oldest);
        Assert.Equal(ages.Ages.Where(age => age >= 0).Average(), ages.Mean, 1e-12);
        Assert.Equal(
            (22, -1L),
            (QueueDiagnostics.Ages(new KeyQueue(4, 22), 5, 0).Untouched, QueueDiagnostics.Ages(new KeyQueue(4, 22), 5, 0).Oldest));
    }

    [Fact]
    public void Classes_come_from_the_notes_or_from_the_images()
    {
        using KeyQueue queue = new(4, 10, trackSlots: true);
        using (Tensor first = Keys(3, 1))
            queue.Enqueue(first, 0, [7, 8, 9]);
        using (Tensor second = Keys(3, 2))
            queue.Enqueue(second, 1, [0, 1, 2], [5, 5, 6]);
        int[] labels = [0, 0, 0, 0, 0, 0, 0, 3, -1, 4];

        Assert.Equal([3, -1, 4, 5, 5, 6, -1, -1, -1, -1], QueueDiagnostics.Labels(queue, labels));
        Assert.Equal([-1, -1, -1, 5, 5, 6, -1, -1, -1, -1], QueueDiagnostics.Labels(queue));
        ArgumentException error = Assert.Throws<ArgumentException>(() => QueueDiagnostics.Labels(queue, [0, 1]));
        Assert.Contains("Slot 0 holds the key of image 7; expected labels for it, found 2.", error.Message, StringComparison.Ordinal);
        Assert.Contains("trackSlots: true", Assert.Throws<ArgumentException>(() => QueueDiagnostics.Labels(new KeyQueue(4, 10)))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_class_share_equals_a_naive_count()
    {
        using FeatureSet queries = Scattered.Set(40, 5, classes: 4, seed: 1);
        using FeatureSet keys = Scattered.Set(300, 5, classes: 4, seed: 2);
        int[] labels = [.. queries.Labels!.Select((label, i) => i % 5 == 0 ? -1 : label)];
        int[] keyLabels = [.. keys.Labels!.Select((label, i) => i % 3 == 0 ? -1 : label)];

        (double InQueue, int Nearest, double InNearest) share
            = QueueDiagnostics.SameClass(queries.Features, labels, keys.Features, keyLabels, nearest: 20);

        using Tensor q = nn.functional.normalize(queries.Features.to(ScalarType.Float64), dim: 1);
        using Tensor k = nn.functional.normalize(keys.Features.to(ScalarType.Float64), dim: 1);
        using Tensor all = q.matmul(k.t());
        double[] similarities = all.data<double>().ToArray();
        int[] known = [.. Enumerable.Range(0, 300).Where(i => keyLabels[i] >= 0)];
        int[] asked = [.. Enumerable.Range(0, 40).Where(i => labels[i] >= 0)];
        Assert.Equal(20, share.Nearest);
        Assert.Equal(asked.Average(i => known.Average(j => keyLabels[j] == labels[i] ? 1.0 : 0)), share.InQueue, 1e-12);
        Assert.Equal(
            asked.Average(i => known.OrderByDescending(j => similarities[(i * 300) + j]).Take(20)
            .Average(j => keyLabels[j] == labels[i] ? 1.0 : 0)),
            share.InNearest,
            1e-12);
        Assert.True(share.InNearest > share.InQueue);
        Assert.Equal(known.Length, QueueDiagnostics.SameClass(queries.Features, labels, keys.Features, keyLabels).Nearest);
    }

    [Fact]
    public void The_queue_stays_what_it_was_and_errors_are_named()
    {
        using KeyQueue queue = new(4, 10, trackSlots: true);
        using (Tensor batch = Keys(3, 1))
            queue.Enqueue(batch, 0, [0, 1, 2], [0, 1, 2]);
        WeightFingerprint fingerprint = new(queue);
        using Tensor keys = queue.Keys();
        using Tensor queries = Keys(2, 5);
        long before = LiveTensors.Settled();

        QueueDiagnostics.Ages(queue, 3, 1);
        QueueDiagnostics.SameClass(queries, [0, 1], keys, QueueDiagnostics.Labels(queue));
        QueueDiagnostics.NegativeSimilarities(queries, keys);

        Assert.Empty(fingerprint.Changes());
        Assert.Equal(before, LiveTensors.Settled());
        Refused("Expected 1 to 10, the queue's length.", () => QueueDiagnostics.Ages(queue, 11, 1));
        Refused("None of the keys has a known class", ()
            => QueueDiagnostics.SameClass(queries, [0, 1], keys, Enumerable.Repeat(-1, 10).ToArray()));
        Refused("Expected 2 labels, one for each of the queries, found 1", ()
            => QueueDiagnostics.SameClass(queries, [0], keys, new int[10]));

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static Tensor Keys(int count, ulong seed)
    {
        using Generator generator = new(seed, CPU);
        return nn.functional.normalize(randn(count, 4, generator: generator), dim: 1);
    }
}
