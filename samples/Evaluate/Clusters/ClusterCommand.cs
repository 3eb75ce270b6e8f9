using MoCo.Contrast;
using MoCo.Evaluation.Clustering;
using MoCo.Interop;
using Samples.Encoders;
using Spectre.Console;

namespace Evaluate.Clusters;

/// <summary><c>evaluate cluster</c>: images sorted without labels, and how well that agrees with their classes, if known.</summary>
internal static class ClusterCommand
{
    /// <param name="By">What sorted them.</param>
    /// <param name="Count">Clusters that there are, empty ones included.</param>
    /// <param name="Of">The cluster of each image.</param>
    /// <param name="Agreement">With the classes; null where none is known.</param>
    internal sealed record Sorting(string By, int Count, IReadOnlyList<int> Of, ClusterAgreement? Agreement);

    public static Command Create(CancellationToken stop)
    {
        ImageOptions data = new("images, labelled or not");
        Option<int?> clusters = Numbers.WholeOrAuto(
            "--clusters", "clusters of k-means [default: as many as a cluster head has, else as there are classes]", 2, 10_000);
        Option<int> restarts = Numbers.Whole("--restarts", "beginnings of k-means, of which the best counts", 5, 1, 1000);
        Option<int> seed = Numbers.Whole("--seed", "of k-means", 0, 0, int.MaxValue);
        Option<string?> html = OutputFile.Option("--html", "write a page to look at, with some images of each cluster");
        return EncoderCommand.Create(
            "cluster",
            """
            Sorts images into clusters without looking at labels: by the cluster head of a checkpoint of Contrastive Clustering, and
            by k-means of any encoder's features. Where images have classes, says how well clusters agree with them: normalised
            mutual information (NMI), accuracy with the best matching of clusters and classes (ACC), adjusted Rand index (ARI).
            """,
            [.. data.All, clusters, restarts, seed, html], (parsed, encoder, result) =>
        {
            IImageSet all = data.Open(parsed);
            string? page = parsed.GetValue(html);
            UsageException.ThrowIf(page is not null && all is not IImageSource,
                $"{all.Name} is a stream, whose images can't be shown; expected other data, or no --html.");
            using FeatureSet features = Screen.Extract(encoder, encoder.Adapt(all), stop);
            List<Sorting> sortings = [];
            using MoCoTrainer? run = Clustering(encoder);
            if (run is not null)
                Add("cluster head", run.Options.Clustering.Clusters, Predicted(run.Method, encoder, all, features.Count, stop));
            int count = parsed.GetValue(clusters) ?? (sortings.Count > 0 ? sortings[0].Count : all.Classes.Count);
            UsageException.ThrowIf(count < 2, $"{all.Name} has no classes, whose number --clusters would be; expected --clusters.");
            UsageException.ThrowIf(
                count > features.Count, $"--clusters is {count}, and there are {features.Count} images; expected at most as many.");
            int starts = parsed.GetValue(restarts), drawn = parsed.GetValue(seed);
            Add("k-means", count, features.Cluster(count, starts, seed: drawn, cancellationToken: stop).Clusters);

            Table table = Screen.Table(
                $"{features.Count:N0} images in clusters", "by", "clusters", "NMI", "ACC", "ARI", "smallest", "largest");
            foreach (Sorting sorting in sortings)
            {
                int[] sizes = [.. Enumerable.Range(0, sorting.Count).Select(cluster => sorting.Of.Count(of => of == cluster))];
                string[] figures = sorting.Agreement is { } found
                    ? [$"{found.MutualInformation:F3}", $"{found.Accuracy:F3}", $"{found.AdjustedRand:F3}"] : ["–", "–", "–"];
                table.Row([sorting.By, $"{sorting.Count}", .. figures, $"{sizes.Min():N0}", $"{sizes.Max():N0}"]);
            }
            Screen.Show(table);
            IEnumerable<object> rows = sortings.Select(sorting => new
            {
                sorting.By,
                Clusters = sorting.Count,
                Nmi = sorting.Agreement?.MutualInformation,
                Acc = sorting.Agreement?.Accuracy,
                Ari = sorting.Agreement?.AdjustedRand,
            });
            result.Add(new { Data = all.Name, Images = features.Count, Seed = drawn, Results = rows });
            if (page is not null) ClusterPage.Write(page, encoder.Summary, (IImageSource)all, features, sortings, stop);
            return rows;

            void Add(string by, int number, IReadOnlyList<int> of) => sortings.Add(new Sorting(
                by, number, of, features.Labels is { } known ? ClusterAgreement.Measure(of, known) : null));
        });
    }

    /// <summary>The run of a checkpoint that has a cluster head; else null.</summary>
    private static MoCoTrainer? Clustering(OpenedEncoder encoder) =>
        encoder.Layout == WeightLayout.Checkpoint
        && MoCoTrainer.ReadOptions(encoder.Choice.Path).Method == MethodKind.ContrastiveClustering
            ? MoCoTrainer.Resume(encoder.Choice.Path, encoder.Choice.Device) : null;

    /// <summary>The clusters of the images that could be read, in their order.</summary>
    private static List<int> Predicted(
        ContrastiveMethod method, OpenedEncoder encoder, IImageSet images, int expected, CancellationToken stop)
    {
        method.eval();
        List<int> clusters = [];
        foreach (SingleViewBatch batch in encoder.Loader(encoder.Adapt(images)).Epoch(0, cancellationToken: stop))
            using (batch) clusters.AddRange(method.PredictClusters(batch.Views)!);
        return clusters.Count == expected ? clusters
            : throw new InvalidDataException($"{images.Name} had {expected} images, and {clusters.Count} later; expected the same.");
    }
}
