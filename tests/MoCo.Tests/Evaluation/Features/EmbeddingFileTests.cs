using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Data.RowGroups;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Loading;
using Parquet;
using Parquet.Schema;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Features;

public sealed class EmbeddingFileTests : IDisposable
{
    private static readonly AugmentationRecipe Views = AugmentationRecipe.Evaluation(12, Normalize.HalfRange);

    private readonly TemporaryFolder folder = new();
    private readonly Encoder encoder = TinyBackbone.Encoder();

    public void Dispose()
    {
        encoder.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_rows_are_the_features_of_the_images_that_could_be_read_with_their_names_labels_and_numbers()
    {
        SyntheticImages images = new(50);
        images.Broken.UnionWith([0, 7, 8, 49]);
        using FeatureSet expected = FeatureSet.Extract(encoder, images, Views, 8);

        Assert.Equal((46L, 8, 0L), Write("e", images));

        (FeatureSet found, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(folder.File("e"));
        using (found)
        {
            Fixture.Near(expected.Features, found.Features, 0, "embeddings");
            Assert.Equal(expected.Labels, found.Labels);
            Assert.Equal(expected.Indices, found.Indices);
        }
        Assert.Equal(expected.Indices!.Select(index => $"photo{index}.jpg"), names);
        Assert.Equal(images.Classes, classes);
        Assert.Equal(["e"], Files());
    }

    [Fact]
    public void Python_reads_the_file_by_the_formats_description_and_finds_each_tensor_where_its_type_may_lie()
    {
        string? python = Python.Find("import numpy");
        Assert.SkipWhen(python is null, "no python3 with numpy");
        SyntheticImages images = new(21, classes: 0);
        images.Broken.Add(3);
        Write("e", images);

        (int code, string output) = Python.Start(python, File.ReadAllText(Fixture.Path("read_safetensors.py")), [folder.File("e")])!.Value;

        Assert.True(code == 0, output);
        using JsonDocument json = JsonDocument.Parse(output);
        double[] Values(string name) => [.. json.RootElement.GetProperty(name)[2].EnumerateArray().Select(value => value.GetDouble())];
        (FeatureSet found, IReadOnlyList<string> names, _) = FeatureSet.ReadFile(folder.File("e"));
        using (found) Assert.Equal(found.Features.to(ScalarType.Float64).flatten().data<double>().ToArray(), Values("embeddings"));
        Assert.All(Values("labels"), label => Assert.Equal(-1, label));
        Assert.Equal(Enumerable.Range(0, 21).Where(index => index != 3).Select(index => (double)index), Values("indices"));
        string text = string.Concat(Values("names").Select(value => (char)value));
        int[] ends = [.. Values("name_ends").Select(value => (int)value)];
        Assert.Equal(names, ends.Select((end, i) => text[(i == 0 ? 0 : ends[i - 1])..end]));
        // Readers that map the file need numbers of 8 bytes at multiples of 8.
        byte[] bytes = File.ReadAllBytes(folder.File("e"));
        long start = 8 + BitConverter.ToInt64(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, (int)start - 8));
        Assert.Equal(0, start % 8);
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            int size = tensor.Value.GetProperty("dtype").GetString() switch { "I64" => 8, "F32" => 4, _ => 1 };
            Assert.Equal(0, tensor.Value.GetProperty("data_offsets")[0].GetInt64() % size);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_that_was_stopped_after_any_batch_goes_on_there_and_the_file_has_the_same_bytes(bool stream)
    {
        IImageSet Images()
        {
            if (stream) return new SyntheticStream(30) { Broken = { 5, 11 } };
            SyntheticImages images = new(30);
            images.Broken.UnionWith([5, 11]);
            return images;
        }
        Write("whole", Images());
        byte[] whole = File.ReadAllBytes(folder.File("whole"));
        for (int batches = 1; batches < 4; batches++)
        {
            using CancellationTokenSource stop = new();
            Told told = new(done =>
            {
                if (done == 8 * batches) stop.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() => Write("e", Images(), told, stop: stop.Token));
            Assert.Equal(["e.part", "e.part.log", "whole"], Files());

            Assert.Equal((28L, 8, 8L * batches), Write("e", Images()));

            Assert.Equal(whole, File.ReadAllBytes(folder.File("e")));
            File.Delete(folder.File("e"));
        }
    }

    [Fact]
    public async Task A_Parquet_file_has_the_same_rows_with_names_labels_and_classes_also_where_a_call_was_stopped()
    {
        SyntheticImages images = new(30);
        images.Broken.UnionWith([5, 11]);
        Write("e", images);
        using CancellationTokenSource stop = new();
        Told told = new(done =>
        {
            if (done == 16) stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Write("e.parquet", images, told, stop: stop.Token));
        Assert.Equal(["e", "e.parquet.part", "e.parquet.part.log"], Files());
        Assert.Equal((28L, 8, 16L), Write("e.parquet", images));
        Write("whole.parquet", images);
        Assert.Equal(["e", "e.parquet", "whole.parquet"], Files());
        Assert.Equal(File.ReadAllBytes(folder.File("whole.parquet")), File.ReadAllBytes(folder.File("e.parquet")));

        (FeatureSet found, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(folder.File("e"));
        using FeatureSet expected = found;
        using FileStream stream = File.OpenRead(folder.File("e.parquet"));
        await using ParquetReader reader = await ParquetReader.CreateAsync(
            stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["name", "label", "embedding"], reader.Schema.Fields.Select(field => field.Name));
        Assert.Equal(classes, HuggingFaceFeatures.Read(reader.CustomMetadata).Classes["label"]);
        Assert.Equal("moco-embeddings", reader.CustomMetadata["format"]);
        (string?[] rows, long[] labels) = (new string?[28], new long[28]);
        (float[] numbers, int[] starts, int[] present) = (new float[28 * 8], new int[28 * 8], new int[28 * 8]);
        DataField[] columns = reader.Schema.GetDataFields();
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        await group.ReadAsync(columns[0], rows.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        await group.ReadAsync<long>(columns[1], labels, cancellationToken: TestContext.Current.CancellationToken);
        await group.ReadRawAsync<float>(columns[2], numbers, present, starts, TestContext.Current.CancellationToken);
        Assert.Equal<string?>(names, rows);
        Assert.Equal(expected.Labels!.Select(label => (long)label), labels);
        Assert.Equal(expected.Features.data<float>().ToArray(), numbers);
        Assert.Equal(Enumerable.Range(0, 28 * 8).Select(i => i % 8 == 0 ? 0 : 1), starts);
    }

    [Fact]
    public void What_a_kill_leaves_at_any_moment_is_gone_on_with()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files that are being written can't be copied");
        SyntheticImages images = new(30);
        List<string> left = [];
        Told copy = new(done =>
        {
            // With a line that was being written.
            string name = $"killed{done}";
            ShellScript.Run(
                $"cd \"$0\" && cp e.part {name}.part && (cat e.part.log; printf '{{\"Batches\":3,') > {name}.part.log", folder.Path);
            left.Add(name);
        });
        Write("e", images, copy);
        byte[] whole = File.ReadAllBytes(folder.File("e"));

        foreach ((string name, int done) in left.Zip((int[])[8, 16, 24, 30]))
        {
            Assert.Equal((30L, 8, (long)done), Write(name, images));
            Assert.Equal(whole, File.ReadAllBytes(folder.File(name)));
        }
        // Killed before the first line was whole: nothing counts.
        folder.Write("torn.part", new byte[10]);
        folder.Write("torn.part.log", "{\"Dim"u8.ToArray());
        Assert.Equal((30L, 8, 0L), Write("torn", images));
        Assert.Equal(whole, File.ReadAllBytes(folder.File("torn")));
    }

    [Fact]
    public void Another_encoder_other_images_or_other_views_are_refused_by_name_and_what_is_done_stays()
    {
        SyntheticImages images = new(30);
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Write("e", images, new Told(_ => stop.Cancel()), stop: stop.Token));
        using Encoder other = TinyBackbone.Encoder();
        byte[] part = File.ReadAllBytes(folder.File("e.part"));

        Refused("was begun with the encoder a.ckpt (weights ", () => Write("e", images, network: other));
        Refused("was begun with view_size 12, and now it is view_size 28", () => Write("e", images, size: "28"));
        Refused("was begun with other images: synthetic images", () => Write("e", new SyntheticImages(31)));
        Refused("was begun with batch 8, and now it is batch 9", () => Write("e", images, batch: 9));
        Assert.Equal(part, File.ReadAllBytes(folder.File("e.part")));
        folder.Write("e.part", part[..100]);
        Refused("has 100 bytes; expected", () => Write("e", images));
        folder.Write("e.part", part);
        Write("e", images);

        Refused("no file of embeddings that can be read: its format is 'moco-embeddings', schema '2'", () =>
        {
            byte[] bytes = File.ReadAllBytes(folder.File("e"));
            int place = bytes.AsSpan().IndexOf("\"schema\":\"1\""u8);
            bytes[place + 10] = (byte)'2';
            FeatureSet.ReadFile(folder.Write("later", bytes));
        });

        static void Refused(string because, Action call) =>
            Assert.Contains(because, Assert.Throws<InvalidDataException>(call).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_image_can_be_read_nothing_is_left_and_nothing_of_torch_s_either()
    {
        SyntheticImages images = new(5);
        images.Broken.UnionWith([0, 1, 2, 3, 4]);
        long before = LiveTensors.Settled();

        string message = Assert.Throws<InvalidDataException>(() => Write("e", images)).Message;
        Write("f", new SyntheticImages(20));

        Assert.Contains("none of 5 images could be read; the first: photo", message, StringComparison.Ordinal);
        Assert.Equal(["f"], Files());
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Names_are_relative_to_the_folder_where_images_lie_below_it()
    {
        foreach (string name in new[] { "a/1.ppm", "b/ü.ppm" })
        {
            Directory.CreateDirectory(folder.File($"data/{name[..1]}"));
            folder.Write($"data/{name}", [.. "P6 12 12 255\n"u8, .. new byte[432]]);
        }
        using Encoder color = Encoder.Create(new EncoderOptions { Stem = Stem.SmallImage, Width = 0.0625, EmbeddingDimension = 8 });
        using SingleViewLoader images = new(ImageSources.Open(folder.File("data")), Views);

        FeatureSet.ExtractToFile(folder.File("e"), color, images, folder: folder.File("data") + "/");

        (FeatureSet found, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(folder.File("e"));
        using (found) Assert.Equal([0, 1], found.Labels);
        Assert.Equal(["a/1.ppm", "b/ü.ppm"], names);
        Assert.Equal(["a", "b"], classes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loader_of_one_rank_gives_all_images_all_the_same(bool isStream)
    {
        IImageSet images = isStream ? new SyntheticStream(21) : new SyntheticImages(21);
        using SingleViewLoader loader = new(images, Views, new() { BatchSize = 4, Rank = 1, Ranks = 2, Shuffle = true });

        Assert.Equal(21, FeatureSet.ExtractToFile(folder.File("e"), encoder, loader).Count);

        (FeatureSet found, IReadOnlyList<string> names, _) = FeatureSet.ReadFile(folder.File("e"));
        using (found) Assert.Equal(21, names.Distinct().Count());
    }

    private (long Count, int Dimension, long Before) Write(string name, IImageSet images, IProgress<long>? told = null,
        Encoder? network = null, string size = "12", int batch = 8, CancellationToken stop = default)
    {
        using SingleViewLoader loader = new(images, Views, new() { BatchSize = batch, Workers = 2, MaximumErrorShare = 1 });
        Dictionary<string, string> facts = new() { ["encoder"] = "a.ckpt", ["view_size"] = size };
        return EmbeddingFile.Write(folder.File(name), network ?? encoder, loader, facts, folder: null, told, TimeSpan.Zero, stop);
    }

    private string[] Files() => [.. Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
