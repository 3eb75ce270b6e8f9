using MoCo.Contrast;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>What a queue's keys are: how old, and how many of a query's own class. Reads the queue, never writes.</summary>
public static class QueueDiagnostics
{
    /// <summary>The ages of a queue's keys, by the steps that it noted for each slot or else by its pointer: the slot before the
    /// pointer is the newest, and every step has replaced the same number.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="keysPerStep">Keys that a step enqueues: the batch size, or twice that with a symmetric loss.</param>
    /// <param name="steps">Steps done so far: slots that they cannot have reached are random keys. Not looked at where the queue
    /// notes its steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 key a step or more than the queue holds, or negative steps.</exception>
    public static QueueAges Ages(KeyQueue queue, int keysPerStep, long steps)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (keysPerStep < 1 || keysPerStep > queue.Length)
            throw new ArgumentOutOfRangeException(nameof(keysPerStep), keysPerStep, $"Expected 1 to {queue.Length}, the queue's length.");
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        var ages = new long[queue.Length];
        if (queue.Slots?.Steps() is { } made && made.Any(step => step >= 0))
        {
            var newest = made.Max();
            for (var slot = 0; slot < ages.Length; slot++)
                ages[slot] = made[slot] < 0 ? -1 : newest - made[slot];
        }
        else
        {
            for (var slot = 0; slot < ages.Length; slot++)
            {
                var keysSince = (queue.Position - 1 - slot + (2 * ages.Length)) % ages.Length;
                var age = keysSince / keysPerStep;
                ages[slot] = age < steps ? age : -1;
            }
        }

        long[] known = [.. ages.Where(age => age >= 0)];
        return new QueueAges(ages, known.DefaultIfEmpty(-1).Max(), known.Select(age => (double)age).DefaultIfEmpty(double.NaN).Average(), ages.Length - known.Length);
    }

    /// <summary>The class of each slot's key: as the queue noted it, or else by the image that the key came from.</summary>
    /// <param name="queue">A queue that notes its slots.</param>
    /// <param name="labels">The class of each training image, negative where unknown; null: only what the queue noted.</param>
    /// <returns>K classes, <see cref="FeatureSet.Unlabelled"/> where unknown.</returns>
    /// <exception cref="ArgumentException">The queue notes nothing, or a key's image has no label in the list.</exception>
    public static int[] Labels(KeyQueue queue, IReadOnlyList<int>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var slots = queue.Slots ?? throw new ArgumentException("The queue does not note whose key each slot holds; expected one made with trackSlots: true.", nameof(queue));
        var (noted, images) = (slots.Labels(), slots.Indices());
        var classes = new int[queue.Length];
        for (var slot = 0; slot < classes.Length; slot++)
        {
            if (labels is not null && images[slot] >= labels.Count)
                throw new ArgumentException($"Slot {slot} holds the key of image {images[slot]}; expected labels for it, found {labels.Count}.", nameof(labels));
            classes[slot] = noted[slot] >= 0 ? (int)noted[slot]
                : labels is not null && images[slot] >= 0 ? Math.Max(labels[(int)images[slot]], FeatureSet.Unlabelled)
                : FeatureSet.Unlabelled;
        }

        return classes;
    }

    /// <summary>The share of keys of each query's own class, in the whole queue and among the nearest keys.</summary>
    /// <param name="queries">N×D of any floating type and device.</param>
    /// <param name="labels">N classes; negative: unknown, the query does not count.</param>
    /// <param name="keys">K×D, usually <see cref="KeyQueue.Keys"/>.</param>
    /// <param name="keyLabels">K classes, for example from <see cref="Labels"/>; negative: unknown, the key does not count.</param>
    /// <param name="nearest">How many of the most similar keys to look at; fewer where fewer are known.</param>
    /// <param name="cancellation">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">Shapes or numbers that do not agree, vectors that are not finite, or no class known.</exception>
    public static SameClassShare SameClass(
        Tensor queries, IReadOnlyList<int> labels, Tensor keys, IReadOnlyList<int> keyLabels, int nearest = 1024, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(keyLabels);
        ArgumentOutOfRangeException.ThrowIfLessThan(nearest, 1);
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var asked = Known(queries, labels, nameof(queries));
        using var bank = Known(keys, keyLabels, nameof(keys));
        if (asked.Dimension != bank.Dimension)
            throw new ArgumentException($"Expected keys of {asked.Dimension} numbers as the queries, found {bank.Dimension}.", nameof(keys));

        const int Block = 1024;
        var most = Math.Min(nearest, bank.Count);
        var frequency = bank.Labels!.CountBy(label => label).ToDictionary(entry => entry.Key, entry => entry.Value);
        using var search = new NeighbourSearch(bank, null, nameof(keys));
        var lists = NeighbourSearch.Lists(Math.Min(Block, asked.Count), most);
        var (entries, similarities) = (new int[most], new float[most]);
        long inQueue = 0, inNearest = 0;
        for (var start = 0; start < asked.Count; start += Block)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(Block, asked.Count - start);
            using var q = asked.Rows(null, start, count);
            search.Run(q, lists);
            for (var row = 0; row < count; row++)
            {
                var label = asked.Labels![start + row];
                inQueue += frequency.GetValueOrDefault(label);
                lists[row].Take(entries, similarities);
                lists[row].Clear();
                inNearest += entries.Count(entry => bank.Labels![entry] == label);
            }
        }

        return new SameClassShare((double)inQueue / asked.Count / bank.Count, most, (double)inNearest / asked.Count / most, bank.Count, asked.Count);
    }

    /// <summary>The vectors of known class.</summary>
    private static FeatureSet Known(Tensor vectors, IReadOnlyList<int> labels, string name)
    {
        var unit = EmbeddingDiagnostics.UnitRows(vectors, name, fewest: 1);
        if (labels.Count != unit.shape[0])
            throw new ArgumentException($"Expected {unit.shape[0]} labels, one for each of the {name}, found {labels.Count}.", name);
        using var all = new FeatureSet(unit, [.. labels.Select(label => Math.Max(label, FeatureSet.Unlabelled))]);
        int[] rows = [.. Enumerable.Range(0, labels.Count).Where(row => labels[row] >= 0)];
        if (rows.Length == 0)
            throw new ArgumentException($"None of the {name} has a known class; expected some.", name);
        return new FeatureSet(all.Rows(rows, 0, rows.Length), [.. rows.Select(row => labels[row])]);
    }
}
