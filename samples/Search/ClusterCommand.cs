using MoCo.Evaluation.Clustering;
using MoCo.Evaluation.Search;

namespace Search;

/// <summary><c>search cluster</c>: the images of an index sorted by k-means.</summary>
internal static class ClusterCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<int?> clusters = Numbers.WholeOrAuto(
            "--clusters", "how many [default: as many as there are classes, which images of a folder for each class have]", 1, 10_000);
        Option<int> restarts = Numbers.Whole("--restarts", "beginnings of k-means, of which the best counts", 5, 1, 1000);
        Option<int> seed = Numbers.Whole("--seed", "of k-means", 0, 0, int.MaxValue);
        Option<int> shown = Numbers.Whole("--most", "how many images of each cluster to show, the nearest to its center", 16, 1, 1000);
        Option<string?> csv = OutputFile.Option(
            "--csv", "write a row for each image: cluster, similarity to the cluster's center, image (its name in the index), path");
        Option<string?> html = OutputFile.Option("--html", "write a page with each cluster's nearest images");
        Command command = new(
            "cluster",
            """
            Sorts the images of an index into clusters by k-means of their embeddings. Where each image lies in a folder below the
            index's, that folder counts as its class, and the clusters are compared with the classes: normalised mutual information
            (NMI), accuracy with the best matching of clusters and classes (ACC), adjusted Rand index (ARI).
            """)
        {
            IndexNotes.Index, clusters, restarts, seed, shown, csv, html, IndexNotes.Moved,
        };
        command.SetWork(parsed =>
        {
            (SimilarityIndex index, IndexNotes notes) = IndexNotes.Open(parsed);
            using SimilarityIndex opened = index;
            string[]? classes = Classes(index.Names);
            int count = parsed.GetValue(clusters) ?? classes?.Distinct().Count()
                ?? throw new UsageException("The images have no classes, whose number --clusters would be; expected --clusters.");
            UsageException.ThrowIf(
                count > index.Count, $"--clusters is {count}, and there are {index.Count} images; expected at most as many.");
            IReadOnlyList<IReadOnlyList<(int Index, float Similarity)>> found
                = index.Cluster(count, parsed.GetValue(restarts), parsed.GetValue(seed), stop);

            string summary = $"{Counted.Of(index.Count, "image")} in {Counted.Of(count, "cluster")} by k-means{Agreement(found, classes)}";
            Console.WriteLine(summary);
            string[] titles = [.. found.Select(
                (members, cluster) => $"{cluster}: {Counted.Of(members.Count, "image")}{Most(members, classes)}")];
            foreach (string title in titles) Console.WriteLine(title);
            if (parsed.GetValue(csv) is { } table)
            {
                OutputFile.Write(table, CsvText.Of([.. found.SelectMany((members, cluster) => members.Select(member => new JsonObject
                {
                    ["cluster"] = cluster,
                    ["similarity"] = member.Similarity.ToString("F4", CultureInfo.InvariantCulture),
                    ["image"] = index.Names[member.Index],
                    ["path"] = notes.FileOf(index.Names[member.Index]),
                }))]));
            }
            if (parsed.GetValue(html) is not { } page) return;
            int most = parsed.GetValue(shown);
            HitPage.Write(page, summary, [.. found.Select((members, cluster) => (titles[cluster], (Hit[])
                [.. members.Take(most).Select(member => new Hit(
                    index.Names[member.Index], notes.FileOf(index.Names[member.Index]), member.Similarity))]))], stop);
        });
        return command;
    }

    /// <summary>The first folder of each name; null where some image lies in none, or all in the same.</summary>
    private static string[]? Classes(IReadOnlyList<string> names)
    {
        string[] folders = [.. names.Select(name => name.Split('/', '\\') is [{ } first, _, ..] ? first : "")];
        return folders.Contains("") || folders.Distinct().Count() < 2 ? null : folders;
    }

    private static string Agreement(IReadOnlyList<IReadOnlyList<(int Index, float Similarity)>> clusters, string[]? classes)
    {
        if (classes is null) return "";
        string[] names = [.. classes.Distinct()];
        int[] of = new int[classes.Length];
        for (int cluster = 0; cluster < clusters.Count; cluster++)
            foreach ((int image, _) in clusters[cluster]) of[image] = cluster;
        ClusterAgreement found = ClusterAgreement.Measure(of, [.. classes.Select(name => Array.IndexOf(names, name))]);
        return $"; of {names.Length:N0} classes: NMI {found.MutualInformation:F3}, ACC {found.Accuracy:F3}, ARI {found.AdjustedRand:F3}";
    }

    /// <summary>The classes that most of a cluster's images are of.</summary>
    private static string Most(IReadOnlyList<(int Index, float Similarity)> members, string[]? classes)
    {
        if (classes is null || members.Count == 0) return "";
        return "; " + string.Join(", ", members.CountBy(member => classes[member.Index]).OrderByDescending(entry => entry.Value).Take(3)
            .Select(entry => $"{entry.Key} {100.0 * entry.Value / members.Count:F0} %"));
    }
}
