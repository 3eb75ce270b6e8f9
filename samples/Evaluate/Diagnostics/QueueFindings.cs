using Evaluate.Weights;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Evaluation.Diagnostics;
using Spectre.Console;

namespace Evaluate.Diagnostics;

/// <summary>What a queue's keys are.</summary>
/// <param name="Similarities">Of the queries to all keys.</param>
/// <param name="Ages">How old the keys are; null where the file does not say how many steps were made.</param>
/// <param name="SameClass">How many are of a query's own class; null where that is not known.</param>
internal sealed record QueueFindings(
    int Length,
    Histogram Similarities,
    (IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched)? Ages,
    (double InQueue, int Nearest, double InNearest)? SameClass)
{
    /// <summary>Looks at a model's queue.</summary>
    /// <param name="queries">N×D embeddings.</param>
    /// <param name="labels">Their classes; null: not known.</param>
    /// <param name="trained">The images that the run learnt from, as far as the user says: their labels are the keys'.</param>
    public static QueueFindings Of(
        ContrastModel model, Tensor queries, IReadOnlyList<int>? labels, IImageSet trained, CancellationToken stop)
    {
        KeyQueue queue = model.Method.Queue;
        using Tensor keys = queue.Keys();
        (IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched)? ages = null;
        if (model.Run is { } run)
        {
            int keysPerStep = run.Options.BatchSize * (run.Options.Loss.Symmetric == SymmetricLoss.Off ? 1 : 2);
            ages = QueueDiagnostics.Ages(queue, Math.Min(queue.Length, keysPerStep), run.StepCount);
        }
        (double InQueue, int Nearest, double InNearest)? share = null;
        if (labels is not null && queue.TracksSlots && trained is IImageSource source)
        {
            IReadOnlyList<int> classes = QueueDiagnostics.Labels(
                queue, [.. Enumerable.Range(0, source.Count).Select(index => source.Label(index) ?? FeatureSet.Unlabelled)]);
            if (classes.Any(label => label >= 0))
                share = QueueDiagnostics.SameClass(queries, labels, keys, classes, cancellationToken: stop);
        }
        return new QueueFindings(queue.Length, QueueDiagnostics.NegativeSimilarities(queries, keys, stop), ages, share);
    }

    public void Show()
    {
        Table table = Screen.Table($"queue of {Length:N0} keys", "figure", "value").AddColumn("meaning");
        table.Row("similarity", $"{Similarities.Mean:0.####}", "mean cosine of queries and keys");
        if (Ages is { } ages)
            table.Row("mean age", $"{ages.Mean:0.####}", "steps since a key was made")
                .Row("oldest", $"{ages.Oldest:N0}", "steps")
                .Row("untouched", $"{ages.Untouched:N0}", "random keys from the beginning");
        if (SameClass is { } share)
            table.Row("same class", Screen.Percent(share.InQueue), "of all keys")
                .Row("same class, near", Screen.Percent(share.InNearest),
                    $"of the {share.Nearest:N0} most similar keys: negatives that are none");
        Screen.Show(table);
        Screen.Say($"queue, similarities from -1 to 1: {DiagnosticsView.Bars(Similarities)}");
    }

    public object Json() => new
    {
        Length,
        Similarities = DiagnosticsView.Json(Similarities),
        MeanAge = Ages?.Mean,
        Ages?.Oldest,
        Ages?.Untouched,
        SameClass = SameClass?.InQueue,
        SameClassNearest = SameClass?.InNearest,
        SameClass?.Nearest,
    };
}
