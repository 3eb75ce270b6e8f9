using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Tests.Encoders.Transformers;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Samples;

/// <summary>The program as its users start it: a command line in, an exit code and files out.</summary>
public sealed class EvaluateProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EvaluateProgramTests()
    {
        Write("train", 64);
        Write("t10k", 32);
        Directory.CreateDirectory(folder.File("checkpoints"));
        using Encoder encoder = Encoder.Create(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImage,
                InputChannels = 1,
                Width = 0.0625,
                EmbeddingDimension = 8
            });
        encoder.SaveEncoder(Weights);
        encoder.SaveBackbone(folder.File("bare.safetensors"));
    }

    private string Weights => folder.File("checkpoints/encoder.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Knn_tells_dark_from_bright_and_leaves_its_results_in_the_run_s_folder()
    {
        Assert.Equal(0, Run("knn", Weights, "--data", folder.Path, "--size", "8", "--k", "1,5", "--temperature", "0.1"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/knn.json")))!;
        Assert.Equal(2, result["scores"]!.AsArray().Count);
        Assert.All(result["scores"]!.AsArray(), score => Assert.Equal(1, score!["top1"]!.GetValue<double>()));
        Assert.Equal(["k,temperature,top1,top5", "1,0.1,1,1", "5,0.1,1,1"], File.ReadAllLines(folder.File("evaluation/knn.csv")));
    }

    [Fact]
    public void A_run_s_folder_stands_for_its_newest_checkpoint_else_for_its_backbone_else_for_nothing()
    {
        string run = folder.File("run");
        Directory.CreateDirectory(run);
        Assert.Equal(2, Run("inspect", run));
        using (MoCoTrainer trainer = new(TrainerFixture.Options))
        using (CheckpointFolder checkpoints = new(folder.File("run/checkpoints")))
        {
            trainer.QueryEncoder.SaveBackbone(folder.File("run/backbone.safetensors"));
            Assert.Equal(0, Run("inspect", run, "--json", folder.File("b.json")));
            trainer.Save(checkpoints);
            checkpoints.Flush();
        }
        Assert.Equal(0, Run("inspect", run, "--json", folder.File("c.json")));
        Assert.EndsWith("backbone.safetensors", Inspected(folder.File("b.json")), StringComparison.Ordinal);
        Assert.EndsWith("last.ckpt", Inspected(folder.File("c.json")), StringComparison.Ordinal);

        static string Inspected(string file) => JsonNode.Parse(File.ReadAllText(file))!["file"]!.GetValue<string>();
    }

    [Fact]
    public void Inspect_tells_the_options_of_a_checkpoint_of_version_0_1()
    {
        Assert.Equal(0, Run("inspect", Fixture.Path("own", "epochs.ckpt"), "--json", folder.File("i.json")));

        JsonNode options = JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["options"]!;
        Assert.Equal("ResNet18", options["Encoder"]!["Backbone"]!.GetValue<string>());
        Assert.Equal(40, options["Queue"]!["Length"]!.GetValue<int>());
    }

    [Fact]
    public void A_vision_transformer_is_inspected_measured_tuned_and_exported()
    {
        string file = folder.File("vit.ckpt");
        using (MoCoTrainer trainer = new(VisionTransformerTests.Tiny(MethodKind.MoCoV3, HeadKind.BatchNormMlp))) trainer.Save(file);
        Assert.Equal(0, Run("inspect", file, "--json", folder.File("i.json")));
        Assert.Equal("ViTSmall of width 0.0625, grey, 32 features; head BatchNormMlp, 16 numbers",
            JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!["architecture"]!.GetValue<string>());
        Assert.Equal(0, Run("knn", file, "--data", folder.Path, "--size", "16", "--k", "1"));
        Assert.Equal(0, Run("fewshot", file, "--data", folder.Path, "--size", "16", "--epochs", "1", "--share", "0.5"));
        foreach (string to in (string[])["v.pth.tar", "v.safetensors"]) Assert.Equal(0, Run("export", file, folder.File(to)));
        Assert.NotEqual(0, Run("export", file, folder.File("v.onnx")));
    }

    [Fact]
    public void A_linear_probe_and_few_shot_tuning_write_what_they_found()
    {
        Assert.Equal(0, Run("linear", Weights, "--data", folder.Path, "--size", "8", "--epochs", "5", "--json", folder.File("l.json")));
        Assert.Equal(0, Run("fewshot", Weights, "--data", folder.Path, "--size", "8", "--epochs", "1", "--share", "0.5"));

        Assert.Equal(1, JsonNode.Parse(File.ReadAllText(folder.File("l.json")))!["top1"]!.GetValue<double>());
        Assert.Equal(
            32, JsonNode.Parse(File.ReadAllText(folder.File("evaluation/fewshot.json")))!["results"]![0]!["labels"]!.GetValue<int>());
    }

    [Fact]
    public void Fine_tuning_writes_a_classifier_that_is_measured_exported_and_shown_the_views_that_it_learned_from()
    {
        string[] data = ["--data", folder.Path, "--epochs", "4", "--step", "16", "--encoder-rate", "0.05", "--head-rate", "0.1"];
        Assert.Equal(0, Run(["finetune", Weights, .. data, "--size", "16", "--normalize", "mnist", "--freeze", "conv1", "--views", "plain",
            "--test-every", "2", "--schedule", "cosine", "--from-scratch"]));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/finetune.json")))!, first = result["results"]![0]!;
        Assert.Equal(("pretrained", 1, false), (
            first["start"]!.GetValue<string>(), first["top1"]!.GetValue<double>(), result["stopped"]!.GetValue<bool>()));
        Assert.Equal("cosine", result["schedule"]!.GetValue<string>());
        Assert.Equal("random weights", result["results"]![1]!["start"]!.GetValue<string>());
        string[] rows = File.ReadAllLines(folder.File("evaluation/finetune.csv"));
        Assert.Equal("start,epoch,loss,top1,top5", rows[0]);
        Assert.Equal(9, rows.Length);
        Assert.EndsWith(",,", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",1,1", rows[4], StringComparison.Ordinal);

        string tuned = folder.File("evaluation/finetuned.safetensors");
        Assert.Equal(0, Run("inspect", tuned, "--json", folder.File("i.json")));
        JsonNode facts = JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!;
        Assert.Equal(("16", "4"), (facts["view_size"]!.GetValue<string>(), facts["epochs"]!.GetValue<string>()));
        Assert.EndsWith("head Linear, 2 numbers", facts["architecture"]!.GetValue<string>(), StringComparison.Ordinal);
        // Without --size and --normalize: the file says them.
        Assert.Equal(0, Run("knn", tuned, "--data", folder.Path, "--k", "1", "--json", folder.File("k.json")));
        JsonNode knn = JsonNode.Parse(File.ReadAllText(folder.File("k.json")))!;
        Assert.Equal((16, 0.1307), (knn["view_size"]!.GetValue<int>(), knn["mean"]![0]!.GetValue<double>()));
        Assert.Equal(0, Run("export", tuned, folder.File("classifier.onnx"), "--embedding"));

        Directory.CreateDirectory(folder.File("elsewhere"));
        File.Copy(folder.File("bare.safetensors"), folder.File("elsewhere/bare.safetensors"));
        Assert.Equal(2, Run(["finetune", folder.File("elsewhere/bare.safetensors"), .. data]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--freeze", "layer9"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--embedding"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--out", folder.File("t.pth")]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--warmup-epochs", "4"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--optimizer", "lion"]));
    }

    [Fact]
    public async Task Fine_tuning_that_is_stopped_keeps_the_network_and_the_figures()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals");
        string tuned = folder.File("t.safetensors");
        string program = Repository.File("samples", "Evaluate", "bin", Repository.Configuration, "net10.0", "evaluate.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
        [
            program, "finetune", folder.File("bare.safetensors"), "--data", folder.Path, "--size", "8", "--epochs", "100000",
            "--out", tuned, "--json", folder.File("f.json"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        while (!File.Exists(tuned) && !process.HasExited) await Task.Delay(100, TestContext.Current.CancellationToken);
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        string said = await output, complained = await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 130, said + complained);
        Assert.Contains("stopped; what was done until then is written", complained, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("f.json")))!;
        Assert.True(result["stopped"]!.GetValue<bool>());
        JsonArray epochs = result["results"]![0]!["epochs"]!.AsArray();
        // The network of the last whole epoch, and what was measured of it.
        JsonNode facts = Inspected(tuned);
        Assert.Equal($"{epochs.Count}", facts["epochs"]!.GetValue<string>());
        double top1 = double.Parse(facts["top1"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Assert.Equal(epochs[^1]!["top1"]!.GetValue<double>(), top1);
        Assert.EndsWith("head Linear, 2 numbers", facts["architecture"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fine_tuning_that_is_stopped_in_its_first_epoch_keeps_the_network_of_the_steps_that_were_made()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals");
        Write("train", 60_000);
        string tuned = folder.File("t.safetensors");
        string program = Repository.File("samples", "Evaluate", "bin", Repository.Configuration, "net10.0", "evaluate.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
        [
            program, "finetune", folder.File("bare.safetensors"), "--data", folder.Path, "--size", "8", "--epochs", "3", "--step", "2",
            "--out", tuned, "--json", folder.File("f.json"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains("to learn from", StringComparison.Ordinal)) break;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 130, said);
        Assert.Contains($"the network is in {tuned}", said, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("f.json")))!;
        Assert.True(result["stopped"]!.GetValue<bool>());
        Assert.Equal("0", Inspected(tuned)["epochs"]!.GetValue<string>());
    }

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

    [Theory]
    [InlineData("out.pth")]
    [InlineData("out.safetensors")]
    [InlineData("out.pth.tar")]
    [InlineData("out.onnx")]
    [InlineData("out.pkl")]
    public void An_export_is_written_under_every_ending_and_what_can_be_read_back_is_inspected(string name)
    {
        string[] queue = name.EndsWith(".pth.tar", StringComparison.Ordinal) ? ["--queue-length", "16"] : [];
        Assert.Equal(0, Run(["export", Weights, folder.File(name), .. queue]));
        Assert.True(new FileInfo(folder.File(name)).Length > 10_000);
        if (name is "out.onnx" or "out.pkl") return;

        Assert.Equal(0, Run("inspect", folder.File(name), "--json", folder.File("i.json")));
        Assert.StartsWith("ResNet18 of width 0.0625, grey",
            JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!["architecture"]!.GetValue<string>(),
            StringComparison.Ordinal);
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
    public void Embed_writes_every_image_s_embedding_and_retrieval_finds_dark_by_dark()
    {
        string[] data = ["--data", folder.Path, "--size", "8"];
        Assert.Equal(0, Run(["embed", Weights, .. data, "--out", folder.File("e.safetensors"), "--embedding", "--batch", "20"]));
        (FeatureSet found, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(folder.File("e.safetensors"));
        using (found) Assert.Equal((64, 8), (found.Count, found.Dimension));
        Assert.Equal((64, 2), (names.Distinct().Count(), classes.Count));
        JsonNode embed = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/embed.json")))!;
        Assert.Equal((64, 0), (embed["images"]!.GetValue<int>(), embed["unreadable"]!.GetValue<int>()));
        Assert.Equal(2, Run(["embed", Weights, .. data]));
        Assert.Equal(2, Run(["embed", Weights, .. data, "--out", folder.Path]));

        Assert.Equal(0, Run(["retrieval", Weights, .. data, "--k", "1,7", "--csv", folder.File("r.csv")]));
        Assert.Equal(["images,queries,map,recall_1,recall_7", "64,64,1,1,1"], File.ReadAllLines(folder.File("r.csv")));
        Assert.Equal(2, Run(["retrieval", Weights, .. data, "--k", "0"]));
    }

    [Theory]
    [InlineData("e", 0)]
    [InlineData("e.safetensors", 0)]
    [InlineData("e.SafeTensors", 0)]
    [InlineData("e.parquet", 0)]
    [InlineData("e.npy", 2)]
    [InlineData("e.pth", 2)]
    public void Embed_writes_the_form_that_the_ending_says_or_names_those_that_there_are(string name, int code)
    {
        string said = Programs.Call("Evaluate", code, "embed", Weights, "--data", folder.Path, "--size", "8", "--out", folder.File(name));
        if (code == 2)
        {
            Assert.Contains($"--out is '{folder.File(name)}'; expected a name that ends in .safetensors or .parquet, ", said,
                StringComparison.Ordinal);
            Assert.False(File.Exists(folder.File(name)));
            return;
        }
        bool isTable = File.ReadAllBytes(folder.File(name)).AsSpan(0, 4).SequenceEqual("PAR1"u8);
        Assert.Equal(name.EndsWith(".parquet", StringComparison.Ordinal), isTable);
        if (isTable)
            Assert.Contains("is a Parquet file; expected a file of embeddings", Programs.Call(
                "Evaluate", 2, "map", "--embeddings", folder.File(name), "--html", folder.File("m.html")), StringComparison.Ordinal);
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

    [Fact]
    public void Wrong_input_ends_with_2_and_writes_nothing()
    {
        Assert.Equal(2, Run("knn", folder.File("nothing.pth"), "--data", folder.Path));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.File("nowhere")));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--k", "0"));
        Assert.Equal(2, Run("knn", folder.File("bare.safetensors"), "--data", folder.Path, "--embedding"));
        Assert.Equal(2, Run("export", Weights, folder.File("out.unknown")));
        Assert.Equal(2, Run("export", Weights, Weights));
        Assert.Equal(2, Run("inspect", folder.File("train-images-idx3-ubyte")));
        Assert.Equal(2, Run("measure"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--csv", folder.File("nowhere/knn.csv")));
        Assert.Equal(2, Run("inspect", Weights, "--json", folder.Path));
        Assert.Equal(2, Run("inspect", Weights, "--stem", "large"));

        // What would have no effect.
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--hold-out", "3"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--fraction-seed", "3"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--stem", "imagenet"));
        Assert.Equal(2, Run("export", Weights, folder.File("out.onnx"), "--queue-length", "16"));

        Assert.False(Directory.Exists(folder.File("evaluation")));
    }

    private JsonNode Inspected(string file)
    {
        Assert.Equal(0, Run("inspect", file, "--json", folder.File("inspected.json")));
        return JsonNode.Parse(File.ReadAllText(folder.File("inspected.json")))!["facts"]!;
    }

    private static int Run(params string[] arguments)
    {
        // As in a process of the program's own, which knows no other culture.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return (int)Assembly.Load("evaluate").EntryPoint!.Invoke(null, [arguments])!;
    }

    /// <summary>Images of 8×8, dark ones of class 0 and bright ones of class 1, with a little noise.</summary>
    private void Write(string part, int count)
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, .. new byte[64 * count]],
            labels = [0, 0, 8, 1, 0, 0, 0, 0, .. new byte[count]];
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), count);
        Random random = new(count);
        for (int image = 0; image < count; image++)
        {
            labels[8 + image] = (byte)(image % 2);
            for (int i = 0; i < 64; i++) images[16 + (64 * image) + i] = (byte)((image % 2 == 0 ? 20 : 220) + random.Next(20));
        }
        folder.Write($"{part}-images-idx3-ubyte", images);
        folder.Write($"{part}-labels-idx1-ubyte", labels);
    }
}
