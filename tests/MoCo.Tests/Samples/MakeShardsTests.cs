extern alias makeshards;
using System.Text;
using makeshards::MakeShards;
using makeshards::Samples;
using makeshards::Samples.CommandLine;
using MoCo.Data;

namespace MoCo.Tests.Samples;

public sealed class MakeShardsTests : IDisposable
{
    private static readonly string[] Files =
        [.. Enumerable.Range(0, 23).Select(i => $"class {i % 3}/{i:D2}.{(i % 2 == 0 ? "jpg" : "PNG")}")];

    private readonly ImageTree tree = new(Files);
    private readonly TemporaryFolder shards = new();

    public void Dispose()
    {
        tree.Dispose();
        shards.Dispose();
    }

    [Theory]
    [InlineData(true, 5, 5)]
    [InlineData(false, 5, 5)]
    [InlineData(true, 1_000, 1)]
    public void What_goes_into_shards_comes_out_of_them(bool shuffle, int size, int expected)
    {
        makeshards::MakeShards.Outcome outcome = Make(Asked() with { Shuffle = shuffle, ShardSize = size });

        Assert.Equal((expected, 23L, 3), (outcome.Shards, outcome.Images, outcome.Classes));
        Assert.Equal(["class 0", "class 1", "class 2"], File.ReadAllLines(shards.File("s-classes.txt")));
        ImageFolder source = tree.Open();
        List<(string, int?)> all = Enumerable.Range(0, source.Count).Select(i => (File.ReadAllText(source.Locate(i)), source.Label(i)))
            .ToList();
        List<(string, int?)> read =
            Read(new TarShards(outcome.Pattern, ByteDecoder.Options with { Classes = source.Classes }));
        Assert.Equal(all.Order(), read.Order());
        if (!shuffle) Assert.Equal(all, read);
    }

    [Fact]
    public void Shards_keep_to_their_size_in_bytes()
    {
        // An image takes a header and a block, its label too: 2,048 bytes.
        makeshards::MakeShards.Outcome outcome = Make(Asked() with { ShardBytes = 5_000 });

        Assert.Equal(12, outcome.Shards);
        Assert.Equal(23, Read(new TarShards(outcome.Pattern, ByteDecoder.Options)).Count);
    }

    [Fact]
    public void Images_without_labels_make_shards_without_labels()
    {
        makeshards::MakeShards.Outcome outcome = Make(Asked() with { Reading = new() { Labels = false } });

        Assert.False(File.Exists(shards.File("s-classes.txt")));
        Assert.All(Read(new TarShards(outcome.Pattern, ByteDecoder.Options)), image => Assert.Null(image.Item2));
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        makeshards::MakeShards.Request request = Asked();
        Make(request);
        byte[] before = File.ReadAllBytes(shards.File("s-000000.tar"));

        Assert.Contains("never overwritten", Assert.Throws<IOException>(() => Make(request with { Seed = 5 }))
            .Message, StringComparison.Ordinal);

        Assert.Equal(before, File.ReadAllBytes(shards.File("s-000000.tar")));
        Assert.Equal(5, Make(request with { Prefix = "other" }).Shards);
    }

    [Fact]
    public void Stopping_leaves_whole_shards_and_no_half_one()
    {
        using CancellationTokenSource stop = new();

        Assert.Throws<OperationCanceledException>(
            () => ShardMaker.Run(Asked(), (done, _) => { if (done == 12) stop.Cancel(); }, stop.Token));

        Assert.Equal(["s-000000.tar", "s-000001.tar"], Directory.GetFiles(shards.Path).Select(Path.GetFileName).Order());
        Assert.Equal(10, new TarShards(shards.File("s-*.tar"), ByteDecoder.Options).Count);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_left_out_and_told()
    {
        makeshards::MakeShards.Outcome outcome = ShardMaker.Run(
            Asked(), (done, _) => { if (done == 0) File.Delete(tree.At("class 1/04.jpg")); }, CancellationToken.None);

        Assert.Equal(22, outcome.Images);
        Assert.Contains("04.jpg", Assert.Single(outcome.Errors.First).Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--shard-size", "0")]
    [InlineData("--megabytes", "x")]
    [InlineData("--prefix", "a/b")]
    [InlineData("--what", "1")]
    public void A_wrong_command_line_is_code_2_and_does_nothing(string option, string value)
    {
        Assert.Equal(2, Run([tree.Root, shards.Path, option, value]));
        Assert.Equal(2, Run(["nowhere", shards.Path]));
    }

    [Fact]
    public void Python_reads_the_same_samples()
    {
        string? python = Python.Find("import tarfile");
        Assert.SkipWhen(python is null, "no python3");
        Make(Asked() with { Shuffle = false });
        const string Script = """
            import glob, os, sys, tarfile
            for path in sorted(glob.glob(sys.argv[1] + "/s-*.tar")):
                with tarfile.open(path) as tar:
                    samples = {}
                    for member in tar:
                        stem, ending = os.path.basename(member.name).split(".", 1)
                        samples.setdefault(stem, {})[ending] = tar.extractfile(member).read()
                    for sample in samples.values():
                        image = sample.get("jpg") or sample["png"]
                        print(image.decode("utf-8-sig"), sample["cls"].decode())
            """;
        (int code, string said) = Python.Start(python, Script, [shards.Path])!.Value;
        Assert.True(code == 0, said);

        ImageFolder source = tree.Open();
        Assert.Equal(Enumerable.Range(0, 23).Select(i => $"{File.ReadAllText(source.Locate(i))} {source.Label(i)}"), said.TrimEnd('\n')
            .Split('\n'));
    }

    private static List<(string, int?)> Read(TarShards stream)
    {
        using IEnumerator<EncodedImage> images = stream.Open(0, 0, false, 0, 1, 0);
        List<(string, int?)> read = [];
        while (images.MoveNext())
            read.Add((Encoding.UTF8.GetString(images.Current.Bytes).TrimStart('\uFEFF'), images.Current.Label));
        return read;
    }

    private static int Run(string[] args)
    {
        using StopSignals signals = new();
        return CommandRun.Run("makeshards", Arguments.Command(_ => Assert.Fail("work was done")), args, signals);
    }

    private Request Asked() => new(tree.Root, shards.Path, "s", 5, long.MaxValue, true, 3, new SourceOptions());

    private static Outcome Make(Request request) => ShardMaker.Run(request, (_, _) => { }, CancellationToken.None);
}
