using System.Text.Json.Nodes;
using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>Pages that show where images lie.</summary>
public sealed class PageTests : EvaluateTests
{
    [Fact]
    public void A_map_shows_the_images_of_a_folder_or_of_a_file_of_embeddings()
    {
        string[] data = ["--data", folder.Path, "--size", "8"];
        Assert.Equal(0, Run(["map", Weights, .. data, "--html", folder.File("m.html"), "--limit", "40"]));
        Assert.Equal(0, Run(["embed", Weights, .. data, "--out", folder.File("e.safetensors")]));
        Assert.Equal(0, Run("map", "--embeddings", folder.File("e.safetensors"), "--html", folder.File("e.html")));

        (string images, string file) = (File.ReadAllText(folder.File("m.html")), File.ReadAllText(folder.File("e.html")));
        Assert.Contains("Each point is one of 40 images", images, StringComparison.Ordinal);
        Assert.Contains("data:image/jpeg", images, StringComparison.Ordinal);
        Assert.Contains("Each point is one of 64 images", file, StringComparison.Ordinal);
        Assert.Equal(2, Run("map", "--html", folder.File("n.html")));
        Assert.Equal(2, Run("map", Weights, "--html", folder.File("n.html")));
        Assert.Equal(2, Run(["map", Weights, .. data]));
        Assert.Equal(2, Run("map", Weights, "--embeddings", folder.File("e.safetensors"), "--html", folder.File("n.html")));
        Assert.Equal(2, Run("map", "--embeddings", folder.File("e.safetensors"), "--html", folder.File("n.html"), "--batch", "8"));
        Assert.False(File.Exists(folder.File("n.html")));
    }

    [Fact]
    public void Diagnostics_make_a_page_and_numbers_of_features_and_embedding()
    {
        Assert.Equal(
            0, Run("diagnostics", Weights, "--data", folder.Path, "--size", "8", "--images", "20", "--lidar-views", "3",
                "--html", folder.File("d.html")));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/diagnostics.json")))!;
        Assert.InRange(result["embedding"]!["effective_rank"]!.GetValue<double>(), 0, 8);
        Assert.Equal(32, result["features"]!["dimensions"]!.GetValue<double>());
        Assert.InRange(result["embedding"]!["lidar"]!.GetValue<double>(), 1, 8);
        Assert.InRange(result["features"]!["rank_me"]!.GetValue<double>(), 1, 20);
        Assert.Contains("</html>", File.ReadAllText(folder.File("d.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Cluster_sorts_dark_from_bright_by_k_means_and_by_a_cluster_head_and_shows_each_clusters_images()
    {
        Assert.Equal(0, Run(
            "cluster", Weights, "--data", folder.Path, "--size", "8", "--html", folder.File("c.html"), "--csv", folder.File("c.csv")));
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/cluster.json")))!;
        Assert.Equal(64, result["images"]!.GetValue<int>());
        JsonNode only = Assert.Single(result["results"]!.AsArray())!;
        Assert.Equal(("k-means", 2), (only["by"]!.GetValue<string>(), only["clusters"]!.GetValue<int>()));
        foreach (string figure in new[] { "nmi", "acc", "ari" }) Assert.Equal(1, only[figure]!.GetValue<double>(), 1e-9);
        Assert.Equal(["by,clusters,nmi,acc,ari", "k-means,2,1,1,1"], File.ReadAllLines(folder.File("c.csv")));
        string page = File.ReadAllText(folder.File("c.html"));
        Assert.Equal(32, page.Split("<img ").Length - 1);
        Assert.Equal(2, page.Split(": 32 images; ").Length - 1);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);

        // A checkpoint of Contrastive Clustering sorts by its own head too, as PredictClusters does.
        MoCoOptions options = TrainerFixture.Options with
        {
            Method = MethodKind.ContrastiveClustering,
            Clustering = new() { Clusters = 3 },
        };
        int[] counts;
        using (MoCoTrainer trainer = new(options))
        {
            trainer.Save(folder.File("clusters.ckpt"));
            ContrastiveMethod method = trainer.Method;
            method.eval();
            IImageSource source = (IImageSource)ImageSources.Open(folder.Path);
            using SingleViewLoader loader = new(source, AugmentationRecipe.Evaluation(8, Normalize.HalfRange), new() { Shuffle = false });
            counts = [.. loader.Epoch(0).SelectMany(batch => method.PredictClusters(batch.Views)!).CountBy(of => of)
                .Select(entry => entry.Value)];
        }
        Assert.Equal(0, Run("cluster", folder.File("clusters.ckpt"), "--data", folder.Path, "--size", "8", "--clusters", "4",
            "--json", folder.File("c.json"), "--html", folder.File("c.html")));
        JsonArray two = JsonNode.Parse(File.ReadAllText(folder.File("c.json")))!["results"]!.AsArray();
        Assert.Equal(["cluster head", "k-means"], two.Select(sorting => sorting!["by"]!.GetValue<string>()));
        Assert.Equal([3, 4], two.Select(sorting => sorting!["clusters"]!.GetValue<int>()));
        page = File.ReadAllText(folder.File("c.html"));
        Assert.All(counts, count => Assert.Contains($": {count} images; ", page, StringComparison.Ordinal));
        Assert.Equal(2, Run("cluster", Weights, "--data", folder.Path, "--size", "8", "--clusters", "65"));
    }
}
