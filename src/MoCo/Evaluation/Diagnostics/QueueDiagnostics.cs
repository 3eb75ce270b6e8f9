using MoCo.Contrast.Negatives;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using MoCo.Tensors;

namespace MoCo.Evaluation.Diagnostics;

/// <summary>What a queue's keys are: how old, how similar to a query, and how many of its own class. Nothing is changed.</summary>
public static class QueueDiagnostics
{
    /// <summary>The ages of a queue's keys, by the steps that it noted for each slot or else by its pointer: the slot before the pointer is
    /// the newest, and every step has replaced the same number.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="keysPerStep">Keys that a step enqueues: the batch size, or twice that with a symmetric loss.</param>
    /// <param name="steps">Steps done so far: slots that they cannot have reached are random keys. Not looked at where the queue notes its
    /// steps.</param>
    /// <returns>For each slot how many steps lie between its key and the newest one, −1 for a random key from the queue's beginning; of the
    /// keys that were made the greatest and the mean age, −1 and not a number where there are none; and how many slots are
    /// untouched.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 key a step or more than the queue holds, or negative steps.</exception>
    public static (IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched) Ages(KeyQueue queue, int keysPerStep, long steps)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (keysPerStep < 1 || keysPerStep > queue.Length)
            throw new ArgumentOutOfRangeException(nameof(keysPerStep), keysPerStep, $"Expected 1 to {queue.Length}, the queue's length.");
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        long[] ages = new long[queue.Length];
        if (queue.Slots?.Steps() is { } made && made.Any(step => step >= 0))
        {
            long newest = made.Max();
            for (int slot = 0; slot < ages.Length; slot++)
                ages[slot] = made[slot] < 0 ? -1 : newest - made[slot];
        }
        else
        {
            for (int slot = 0; slot < ages.Length; slot++)
            {
                int age = (queue.Position - 1 - slot + (2 * ages.Length)) % ages.Length / keysPerStep;
                ages[slot] = age < steps ? age : -1;
            }
        }
        long[] known = [.. ages.Where(age => age >= 0)];
        double mean = known.Length == 0 ? double.NaN : known.Average();
        return (ages, known.DefaultIfEmpty(-1).Max(), mean, ages.Length - known.Length);
    }

    /// <summary>The class of each slot's key: as the queue noted it, or else by the image that the key came from.</summary>
    /// <param name="queue">A queue that notes its slots.</param>
    /// <param name="labels">The class of each training image, negative where unknown; null: only what the queue noted.</param>
    /// <returns>K classes, <see cref="FeatureSet.Unlabelled"/> where unknown.</returns>
    /// <exception cref="ArgumentException">The queue notes nothing, or a key's image has no label in the list.</exception>
    public static IReadOnlyList<int> Labels(KeyQueue queue, IReadOnlyList<int>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        QueueSlots slots = queue.Slots ?? throw new ArgumentException(
            "The queue does not note whose key each slot holds; expected one made with trackSlots: true.", nameof(queue));
        (IReadOnlyList<long> noted, IReadOnlyList<long> images) = (slots.Labels(), slots.Indices());
        int[] classes = new int[queue.Length];
        for (int slot = 0; slot < classes.Length; slot++)
        {
            int image = (int)images[slot];
            if (image >= labels?.Count)
            {
                throw new ArgumentException(
                    $"Slot {slot} holds the key of image {image}; expected labels for it, found {labels.Count}.", nameof(labels));
            }
            classes[slot] = noted[slot] >= 0 ? (int)noted[slot]
                : labels is not null && image >= 0 ? Math.Max(labels[image], FeatureSet.Unlabelled)
                : FeatureSet.Unlabelled;
        }
        return classes;
    }

    /// <summary>The share of keys of each query's own class, in the whole queue and among the nearest keys.</summary>
    /// <param name="queries">N×D of any floating type and device.</param>
    /// <param name="labels">N classes; negative: unknown, the query does not count.</param>
    /// <param name="keys">K×D on the same device, usually <see cref="KeyQueue.Keys"/>.</param>
    /// <param name="keyLabels">K classes, for example from <see cref="Labels"/>; negative: unknown, the key does not count.</param>
    /// <param name="nearest">How many of the most similar keys to look at; fewer where fewer are known.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <returns>The mean share among all keys of known class, 0 … 1, about the class's frequency; how many of the most similar ones were
    /// looked at, and the mean share among those: the better the features, the higher.</returns>
    /// <exception cref="ArgumentException">Shapes or numbers that do not agree, vectors that are not finite, or no class known.</exception>
    public static (double InQueue, int Nearest, double InNearest) SameClass(
        Tensor queries,
        IReadOnlyList<int> labels,
        Tensor keys,
        IReadOnlyList<int> keyLabels,
        int nearest = 1024,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(keyLabels);
        ArgumentOutOfRangeException.ThrowIfLessThan(nearest, 1);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor asked, Tensor own) = Known(queries, labels, nameof(queries)); // N×D, N
        (Tensor bank, Tensor classes) = Known(keys, keyLabels, nameof(keys)); // K×D, K
        if (asked.shape[1] != bank.shape[1])
            throw new ArgumentException($"Expected keys of {asked.shape[1]} numbers as the queries, found {bank.shape[1]}.", nameof(keys));

        (int count, int known) = ((int)asked.shape[0], (int)bank.shape[0]);
        int most = Math.Min(nearest, known);
        (_, Tensor entries) = NeighbourSearch.Nearest(asked, bank, most, cancellationToken);
        Tensor inNearest = classes.index_select(0, entries.flatten()).view(count, most).eq(own.unsqueeze(1)).sum();
        Tensor inQueue = classes.bincount(null, minlength: own.max().cpu().item<long>() + 1).index_select(0, own).sum();
        return ((double)inQueue.cpu().item<long>() / count / known, most, (double)inNearest.cpu().item<long>() / count / most);
    }

    /// <summary>The cosine similarities of queries to all keys of a queue: what the negatives of training are like.</summary>
    /// <param name="queries">N×D of any floating type and device.</param>
    /// <param name="keys">K×D, usually <see cref="KeyQueue.Keys"/>.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">Other shapes, vectors that are not finite or zero.</exception>
    public static Histogram NegativeSimilarities(Tensor queries, Tensor keys, CancellationToken cancellationToken = default)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor q, Tensor k) = (UnitRows.OnCpu(queries, nameof(queries)), UnitRows.OnCpu(keys, nameof(keys)));
        if (q.shape[1] != k.shape[1])
            throw new ArgumentException($"Expected keys of {q.shape[1]} numbers as the queries, found {k.shape[1]}.", nameof(keys));
        HistogramBuilder histogram = HistogramBuilder.OfSimilarities();
        NeighbourSearch.ForEachBlock(q, k, (similarities, _, _) => histogram.Add(similarities.AsFloats()), cancellationToken);
        return histogram.Result();
    }

    /// <summary>The vectors of known class, brought to unit length, and their classes, in the scope.</summary>
    private static (Tensor Vectors, Tensor Labels) Known(Tensor vectors, IReadOnlyList<int> labels, string name)
    {
        using Tensor unit = UnitRows.Of(vectors, name, allowZero: false);
        if (labels.Count != unit.shape[0])
            throw new ArgumentException($"Expected {unit.shape[0]} labels, one for each of the {name}, found {labels.Count}.", name);
        long[] rows = [.. Enumerable.Range(0, labels.Count).Where(row => labels[row] >= 0).Select(row => (long)row)];
        if (rows.Length == 0) throw new ArgumentException($"None of the {name} has a known class; expected some.", name);
        return (
            unit.index_select(0, tensor(rows, device: unit.device)),
            tensor([.. rows.Select(row => (long)labels[(int)row])], dtype: ScalarType.Int64, device: unit.device));
    }
}
