using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

/// <summary>The loader over the library's own sources, from files to views.</summary>
public sealed class LoaderOverFilesTests : IDisposable
{
    private static readonly LoaderOptions Options = new() { BatchSize = 8, Workers = 3, Seed = 2, MaximumErrorShare = 1 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_with_every_kind_of_bad_file_is_read_to_its_end()
    {
        byte[] good = File.ReadAllBytes(Fixture.Path("decoding", "jpeg-444.jpg"));
        for (int i = 0; i < 20; i++) folder.Write($"good{i:D2}.jpg", good);
        folder.Write("cut.jpg", good[..(good.Length / 3)]);
        folder.Write("empty.png", []);
        folder.Write("header.jpg", good[..4]);
        folder.Write("noise.webp", [.. Enumerable.Range(0, 500).Select(i => (byte)(i * 37))]);
        folder.Write("text.png", "no image at all"u8.ToArray());
        folder.Write("misnamed.png", good);
        folder.Write("notes.txt", "not looked at"u8.ToArray());
        folder.Write("gone.jpg", good);
        ImageFolder source = new(folder.Path);
        File.Delete(folder.File("gone.jpg"));
        string[] bad = ["cut.jpg", "empty.png", "gone.jpg", "header.jpg", "noise.webp", "text.png"];

        using TwoCropLoader training = new(source, AugmentationRecipe.V2(16), Options);
        Assert.Equal(27, training.Epoch(0).Sum(batch => BatchRecord.Of(batch).Indices.Length));
        using SingleViewLoader evaluation = new(source, AugmentationRecipe.Evaluation(16), Options with { Shuffle = false });
        IEnumerable<string> left = evaluation.Epoch().SelectMany(Indices).Select(index => Path.GetFileName(source.Locate(index)));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"good{i:D2}.jpg").Append("misnamed.png"), left);
        Assert.Equal(bad, source.Errors.First.Select(error => Path.GetFileName(error.Location)).Order(StringComparer.Ordinal));
        Assert.Equal(bad.Length, source.Errors.Count);
    }

    [Fact]
    public void Shards_give_the_same_batches_for_any_number_of_workers_and_go_on_where_they_were_left()
    {
        TarShards shards = ShardFile.Numbered(folder, [13, 5, 22, 10]);
        List<BatchRecord> whole = Epoch(1, 0);

        Assert.Equal(7, whole.Count);
        BatchRecord.AssertEqual(whole, Epoch(4, 0));
        BatchRecord.AssertEqual([.. whole.Skip(3)], Epoch(2, 3));

        List<BatchRecord> Epoch(int workers, int firstBatch)
        {
            using TwoCropLoader loader = new(shards, AugmentationRecipe.V2(8), Options with { Workers = workers });
            return [.. loader.Epoch(1, firstBatch).Select(BatchRecord.Of)];
        }
    }

    private static int[] Indices(SingleViewBatch batch)
    {
        using (batch)
            return batch.Indices.ToArray();
    }
}
