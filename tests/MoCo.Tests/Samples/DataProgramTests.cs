using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MoCo.Encoders;
using MoCo.Evaluation.Clustering;
using MoCo.Interop;
using Samples.CommandLine;
using static MoCo.Tests.Samples.Programs;

namespace MoCo.Tests.Samples;

/// <summary>All programs on one folder of images: what they make of it, and what they leave of it.</summary>
public sealed class DataProgramTests : IDisposable
{
    private const int Images = 90;

    private readonly TemporaryFolder folder = new();

    public DataProgramTests()
    {
        for (int i = 0; i < Images; i++)
        {
            Random random = new(i);
            byte[] pixels = [.. "P6 16 16 255\n"u8, .. Enumerable.Range(0, 768).Select(_ => (byte)((100 * (i % 2)) + random.Next(100)))];
            Directory.CreateDirectory(Data($"{(i % 2 == 0 ? "dark" : "bright")}"));
            File.WriteAllBytes(Data($"{(i % 2 == 0 ? "dark" : "bright")}/{i:D2}.ppm"), pixels);
        }
        Directory.CreateDirectory(Data("__MACOSX/dark"));
        File.WriteAllText(Data("__MACOSX/dark/._00.ppm"), "notes");
        Directory.CreateDirectory(Data(".moco-index"));
        File.WriteAllText(Data(".moco-index/index"), "of version 0.1");
        using Encoder encoder = Encoder.Create(
            new EncoderOptions { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, Width = 0.0625, EmbeddingDimension = 8 });
        encoder.SaveEncoder(Weights);
    }

    private string Weights => folder.File("encoder.safetensors");

    public void Dispose()
    {
        Protect(false);
        folder.Dispose();
    }

    [Fact]
    public void Every_program_works_on_a_read_only_folder_and_leaves_it_as_it_was()
    {
        Protect(true);
        string[] before = Everything();
        string data = Data("");
        string[] small = ["--size", "8", "--workers", "1"];

        Call("Pretrain", 0, SmallRun());
        Call("Quickstart", 0, data, "--epochs", "1", "--size", "8", "--threads", "1", "--out", folder.File("quick"));
        foreach (string command in (string[])["knn", "linear", "fewshot", "diagnostics"])
        {
            string[] brief = command is "linear" or "fewshot" ? ["--epochs", "1"] : [];
            Assert.Equal(0, Run("evaluate", [command, Weights, "--data", data, .. small, .. brief]));
        }
        Assert.Equal(0, Run("search", ["index", data, "--encoder", Weights, "--out", folder.File("i.safetensors"), .. small]));
        string[] index = ["--index", folder.File("i.safetensors"), "--html", folder.File("hits.html")];
        Assert.Equal(0, Run("search", ["query", Data("dark/00.ppm"), .. index]));
        Assert.Equal(0, Run("search", ["duplicates", .. index]));
        Assert.Equal(0, Run("makeshards", data, folder.File("shards")));
        Assert.Equal(0, Run("showviews", data, "--out", folder.File("views.png"), "--size", "16"));
        Assert.Equal(0, Run("showviews", data, "--out", folder.File("crops.png"), "--size", "16", "--recipe", "v3", "--small-views", "3"));
        Assert.True(new FileInfo(folder.File("crops.png")).Length > new FileInfo(folder.File("views.png")).Length);

        Assert.Equal(before, Everything());
        Assert.Equal(["bright", "dark"], File.ReadAllLines(folder.File("shards/shard-classes.txt")));
    }

    [Fact]
    public void A_stop_over_too_many_bad_images_names_the_flag_and_the_flag_lets_the_run_go_on()
    {
        for (int i = 0; i < 30; i += 2) File.WriteAllText(Data($"dark/{i:D2}.ppm"), "no image");
        string[] knn = ["knn", Weights, "--data", Data(""), "--size", "8"];

        string stop = Call("Evaluate", 1, knn);
        Assert.Contains("are allowed (--max-errors). The first:\n", stop, StringComparison.Ordinal);
        Assert.DoesNotContain("LoaderOptions", stop, StringComparison.Ordinal);
        string left = Call("Evaluate", 0, [.. knn, "--max-errors", "0.3"]);
        Assert.Contains("12 could not be read", left, StringComparison.Ordinal);
        AssertLeftOut(left, named: 10 + 3, more: 2);
        string[] index = ["index", Data(""), "--encoder", Weights, "--out", folder.File("i.safetensors"), "--size", "8"];
        Assert.Equal(1, Run("search", index));
        AssertLeftOut(Call("Search", 0, [.. index, "--max-errors", "0.3"]), named: 10, more: 5);
        AssertLeftOut(
            Call("Pretrain", 0, [.. SmallRun(), "--hold-out", "0", "--max-errors", "0.3"]), named: 10, more: 5);

        // Shards are made of files as they are: bad is what can't be read at all.
        for (int i = 0; i < 30; i += 2) File.WriteAllText(Data($"dark/{i:D2}.ppm"), "");
        string[] shards = [Data(""), folder.File("shards")];
        stop = Call("MakeShards", 1, shards);
        Assert.Contains(
            $"makeshards: {Data("")}: 11 of {Images} images could not be read (12.22 %); at most 10, or 1.00 %, are allowed "
                + "(--max-errors). The first:\n", stop, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.File("shards")));
        AssertLeftOut(Call("MakeShards", 0, [.. shards, "--max-faults=0.3"]), named: 10, more: 5); // as the flag was called in 0.1
    }

    [Fact]
    public void Where_few_images_have_labels_as_many_vote_and_more_than_vote_are_refused_by_the_flag()
    {
        string Image(int i) => $"P3 8 8 255 {string.Join(' ', Enumerable.Range(0, 192).Select(j => (100 * (i % 2)) + (7 * i * j % 90)))}";
        string shard = ShardFile.Write(folder, "some.tar", [.. Enumerable.Range(0, 15).SelectMany(i =>
            i < 8 ? [($"{i:D2}.ppm", Image(i)), ($"{i:D2}.cls", $"{i % 2}")] : new[] { ($"{i:D2}.ppm", Image(i)) })]);
        string[] knn = ["knn", Weights, "--data", shard, "--test", shard, "--size", "8"];

        Assert.Contains("kNN top-1 of 8 images, 8 vote", Call("Evaluate", 0, knn), StringComparison.Ordinal);
        Assert.Contains("--k has 9, and 8 labelled images vote", Call("Evaluate", 2, [.. knn, "--k", "9"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_names_end_otherwise_every_program_names_the_flag_that_it_has()
    {
        foreach (string file in Directory.GetFiles(Data(""), "*.ppm", SearchOption.AllDirectories))
            if (!file.Contains("__MACOSX", StringComparison.Ordinal)) File.Move(file, Path.ChangeExtension(file, ".photo"));
        (string Program, string[] Arguments)[] commands =
        [
            ("Pretrain", SmallRun()),
            ("Quickstart", [Data(""), "--epochs", "1", "--size", "8", "--threads", "1", "--out", folder.File("quick")]),
            ("Evaluate", ["knn", Weights, "--data", Data(""), "--size", "8"]),
            ("Evaluate", ["diagnostics", Weights, "--data", Data(""), "--size", "8"]),
            ("Search", ["index", Data(""), "--encoder", Weights, "--out", folder.File("i.safetensors"), "--size", "8"]),
            ("MakeShards", [Data(""), folder.File("shards")]),
            ("ShowViews", [Data(""), "--out", folder.File("views.png"), "--size", "16"]),
        ];
        foreach ((string program, string[] arguments) in commands)
        {
            string refused = Call(program, 2, [.. arguments, "--extensions", ".heic"]);
            Assert.Contains("Expected files that end with .heic (--extensions says which).", refused, StringComparison.Ordinal);
            Call(program, 0, [.. arguments, "--extensions", ".photo"]);
        }
    }

    [Fact]
    public void Dedup_lists_what_a_script_may_move_away_and_cluster_tells_the_folders_apart()
    {
        File.Copy(Data("dark/00.ppm"), Data("dark/copy, of 00.ppm"));
        string index = folder.File("i.safetensors"), csv = folder.File("d.csv"), html = folder.File("d.html");
        Assert.Equal(0, Run("search", ["index", Data(""), "--encoder", Weights, "--out", index, "--size", "8"]));

        Assert.Equal(0, Run("search", ["dedup", "--index", index, "--threshold", "0.999999", "--outliers", "3", "--csv", csv,
            "--html", html]));
        string[] lines = File.ReadAllLines(csv);
        Assert.Equal("kind,action,group,similarity,image,path", lines[0]);
        Assert.Equal($"duplicate,keep,1,1.0000,dark/00.ppm,{Data("dark/00.ppm")}", lines[1]);
        Assert.Equal($"duplicate,drop,1,1.0000,\"dark/copy, of 00.ppm\",\"{Data("dark/copy, of 00.ppm")}\"", lines[2]);
        Assert.Equal(3, lines[3..].Count(line => line.StartsWith("outlier,look,,", StringComparison.Ordinal)));
        Assert.Equal(6, lines.Length);
        Assert.Equal(5, File.ReadAllText(html).Split("<img ").Length - 1);
        Assert.Equal(0, Run("search", ["dedup", "--index", index, "--threshold", "0.999999", "--images", Data("dark"), "--outliers", "0",
            "--csv", csv]));
        Assert.Equal(3, File.ReadAllLines(csv).Length);
        Assert.Equal(2, Run("search", ["dedup", "--index", index]));
        Assert.Equal(2, Run("search", ["dedup", "--index", index, "--csv", csv, "--threshold", "2"]));

        string said = Call("Search", 0, "cluster", "--index", index, "--csv", csv, "--html", html, "--most", "5");
        lines = File.ReadAllLines(csv);
        Assert.Equal("cluster,similarity,image,path", lines[0]);
        (int Cluster, bool IsDark)[] images = [.. lines[1..].Select(
            line => (line[0] - '0', line.Contains("dark/", StringComparison.Ordinal)))];
        Assert.Equal((91, 46), (images.Length, images.Count(image => image.IsDark)));
        ClusterAgreement found = ClusterAgreement.Measure(
            [.. images.Select(image => image.Cluster)], [.. images.Select(image => image.IsDark ? 1 : 0)]);
        string figures = FormattableString.Invariant(
            $"NMI {found.MutualInformation:F3}, ACC {found.Accuracy:F3}, ARI {found.AdjustedRand:F3}");
        Assert.Contains($"91 images in 2 clusters by k-means; of 2 classes: {figures}\n", said, StringComparison.Ordinal);
        Assert.Contains($"0: {images.Count(image => image.Cluster == 0)} images; ", said, StringComparison.Ordinal);
        Assert.Equal(10, File.ReadAllText(html).Split("<img ").Length - 1);
        Assert.Equal(2, Run("search", ["cluster", "--index", index, "--clusters", "92"]));
    }

    [Fact]
    public void Links_are_no_doubles_and_a_bad_query_does_not_end_the_others()
    {
        File.CreateSymbolicLink(Data("dark/link.ppm"), "00.ppm");
        File.WriteAllText(folder.File("bad.ppm"), "no image");
        string said = Call("Search", 0, "index", Data(""), "--encoder", Weights, "--out", folder.File("i.safetensors"), "--size", "8");
        Assert.Contains($"{Images} images of", said, StringComparison.Ordinal);
        Assert.Contains("1 link to an image that is here already", said, StringComparison.Ordinal);

        string found = Call("Search", 0, "query", folder.File("bad.ppm"), Data("dark/link.ppm"), "--index", folder.File("i.safetensors"));
        Assert.Contains($"left out {folder.File("bad.ppm")}: ", found, StringComparison.Ordinal);
        Assert.Contains($"{Data("dark/link.ppm")}:\n", found, StringComparison.Ordinal);
        Assert.DoesNotContain("dark/00.ppm", found, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_not_found_by_any_of_its_own_names()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "hard links are told apart on Linux");
        Call("Search", 0, "index", Data(""), "--encoder", Weights, "--out", folder.File("i.safetensors"), "--size", "8");
        Directory.CreateSymbolicLink(folder.File("moved"), Data("dark"));
        ShellScript.Run("ln \"$0/00.ppm\" \"$0/../hard.ppm\"", Data("dark"));
        foreach (string name in (string[])[Data("hard.ppm"), folder.File("moved/00.ppm")])
        {
            string found = Call("Search", 0, "query", name, "--index", folder.File("i.safetensors"));
            Assert.DoesNotContain("dark/00.ppm", found, StringComparison.Ordinal);
            Assert.Equal(12, found.Split('\n').Count(line => line.StartsWith("  ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_report_shows_no_image_as_its_own_neighbour()
    {
        for (int i = 0; i < Images; i += 2) File.CreateSymbolicLink(Data($"dark/{i:D2} again.ppm"), $"{i:D2}.ppm");
        string page = folder.File("d.html");
        Call("Evaluate", 0, "diagnostics", Weights, "--data", Data(""), "--size", "8", "--html", page);
        string[] rows = File.ReadAllText(page).Split("<div class=\"row\">")[1..];
        Assert.NotEmpty(rows);
        foreach (string row in rows)
        {
            string[] names = [.. Regex.Matches(row, "title=\"(\\d\\d)").Select(match => match.Groups[1].Value)];
            Assert.Equal(9, names.Length);
            Assert.DoesNotContain(names[0], names[1..]);
        }
    }

    [Fact]
    public void A_test_part_that_lacks_a_class_is_judged_by_the_classes_learnt()
    {
        foreach (string name in (string[])["dark", "bright"]) Copy(name, $"train/{name}");
        Copy("dark", "train/grey");
        foreach (string name in (string[])["dark", "grey"]) Copy($"train/{name}", $"val/{name}");
        Directory.CreateDirectory(Data("val/bright"));
        string split = folder.File("split");
        Directory.CreateDirectory(split);
        foreach (string part in (string[])["train", "val"]) Directory.Move(Data(part), Path.Combine(split, part));

        Assert.Contains("3 classes", Call("Evaluate", 0, "knn", Weights, "--data", split, "--size", "8"), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_and_shards_are_not_written_among_the_images_that_they_are_made_of()
    {
        Assert.Equal(2, Run("makeshards", Data(""), Data("shards")));
        Assert.Equal(2, Run("showviews", Data(""), "--out", Data("views.png")));
        Assert.False(Path.Exists(Data("shards")));
    }

    [Fact]
    public void Messages_of_the_library_are_told_in_flags()
    {
        const string Message = "(LoaderOptions.MaximumErrorShare) (SourceOptions.Extensions) (SourceOptions.LabelExtensions)";
        Assert.Equal("(--max-errors) (--extensions) (--label-extensions)", DataFlags.InFlags(Message));
    }

    private static void AssertLeftOut(string said, int named, int more)
    {
        string[] lines = [.. said.Split('\n').Where(line => line.StartsWith("left out /", StringComparison.Ordinal))];
        Assert.Equal(named, lines.Distinct().Count());
        Assert.Contains($"left out {more} more", said, StringComparison.Ordinal);
    }

    private string[] SmallRun() =>
    [
        "--data", Data(""), "--out", folder.File("run"), "--preset", "cifar", "--width", "0.0625", "--dim", "8", "--queue", "32",
        "--bn-splits", "1", "--batch-size", "27", "--epochs", "1", "--knn-every", "1", "--view-size", "8", "--threads", "1",
        "--workers", "1", "--drop-last", "--plain",
    ];

    private string Data(string path) => path.Length == 0 ? folder.File("data") : folder.File("data/" + path);

    private void Copy(string name, string to) => TemporaryFolder.Copy(Data(name), Data(to));

    private void Protect(bool isReadOnly)
    {
        if (!OperatingSystem.IsWindows()) ShellScript.Run($"chmod -R {(isReadOnly ? "a-w" : "u+w")} \"$0\"", Data(""));
    }

    private string[] Everything() => [.. new DirectoryInfo(Data(""))
        .EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
        .Append(new DirectoryInfo(Data("")))
        .Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc:O} {Content(entry)}").Order(StringComparer.Ordinal)];

    private static string Content(FileSystemInfo entry) =>
        entry is FileInfo file ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))) : "";

    private static int Run(string program, params string[] arguments) =>
        Assembly.Load(program).EntryPoint!.Invoke(null, [arguments]) is int code ? code : 0;
}
