using System.Text;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;
using Parquet;
using Parquet.Schema;

namespace MoCo.Tests.Data;

public sealed class ParquetImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_data_set_of_Hugging_Face_opens_by_its_folder_with_the_names_of_its_labels()
    {
        string fixtures = Fixture.Path("parquet");
        Directory.CreateDirectory(folder.File("data"));
        foreach (string file in Directory.GetFiles(fixtures, "*-of-*")) File.Copy(file, folder.File("data/" + Path.GetFileName(file)));

        Assert.True(ImageSources.HasSplits(folder.Path));
        ParquetImages train = Assert.IsType<ParquetImages>(ImageSources.Open(folder.Path));
        Assert.Equal(["cat", "dog", "owl"], train.Classes);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => ($"image{i}", (int?)(i % 3))), Read(train, shuffle: false));
        Assert.Equal(12, train.Count);
        Assert.Contains("2 files of 2 row groups, shuffle buffer of 1,000 images\nimages of column image, labels of column label",
            train.Told(), StringComparison.Ordinal);

        ParquetImages test = Assert.IsType<ParquetImages>(ImageSources.Open(folder.Path, test: true));
        Assert.Equal([("image0", 0), ("", 1), ("", 2), ("image3", null), ("image4", null), ("image5", 2)], Read(test, shuffle: false));
        string message = Assert.Throws<InvalidDataException>(() => test.Decode(new EncodedImage(), new ImageBuffer())).Message;
        Assert.Contains("holds no image's bytes", message, StringComparison.Ordinal);
        Assert.Equal(12, ((ParquetImages)ImageSources.Open(Path.Combine(fixtures, "train-*.parquet"))).Count);
    }

    [Fact]
    public void Columns_are_found_by_metadata_or_name_and_a_column_of_labels_can_be_chosen()
    {
        string cifar = Fixture.Path("parquet/cifar.parquet"), plain = Fixture.Path("parquet/plain.parquet");
        ParquetImages fine = new(cifar), coarse = new(cifar, new SourceOptions { LabelColumn = "coarse_label" });
        Assert.Equal(["p", "q", "r", "s"], fine.Classes);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], Read(fine, shuffle: false).Select(row => row.Label));
        Assert.Equal(["a", "b"], coarse.Classes);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], Read(coarse, shuffle: false).Select(row => row.Label));

        ParquetImages bytes = new(plain);
        Assert.Equal(["0", "1", "2", "3", "4"], bytes.Classes);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => ($"image{i % 2}", (int?)(2 * (i % 3)))), Read(bytes, shuffle: false));
        Assert.Contains("no column 'jpg' of whole numbers; found the columns id, jpg, cls",
            Assert.Throws<InvalidDataException>(() => new ParquetImages(plain, new() { LabelColumn = "jpg" })).Message,
            StringComparison.Ordinal);
        Assert.Contains("no column of images; expected one of bytes, or of {bytes, path}, named id (SourceOptions.ImageColumn says",
            Assert.Throws<InvalidDataException>(() => new ParquetImages(plain, new() { ImageColumn = "id" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_has_each_image_once_in_an_order_of_its_own()
    {
        ParquetImages images = Numbered([7, 0, 5], [11], [3, 8, 1]);
        (string, int?)[] first = Read(images), again = Read(images), other = Read(images, epoch: 1);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        foreach ((string, int?)[] epoch in (IEnumerable<(string, int?)[]>)[first, other])
            Assert.Equal(Enumerable.Range(0, 35).Select(i => ($"{i}", (int?)(i % 4))), epoch.OrderBy(row => int.Parse(row.Item1, null)));
        Assert.NotEqual(first.Order(), first);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    [InlineData(100, 3)]
    public void A_reader_goes_on_at_any_image_with_what_would_have_come(int buffer, int ranks)
    {
        ParquetImages images = Numbered(buffer, [7, 4, 5], [11], [3, 8, 1]);
        List<string> met = [];
        for (int rank = 0; rank < ranks; rank++)
        {
            (string Content, int? Label)[] whole = Read(images, rank: rank, ranks: ranks);
            Assert.Equal(images.Count / ranks, whole.Length);
            for (int skip = 0; skip <= whole.Length; skip++)
                Assert.Equal(whole[skip..], Read(images, rank: rank, ranks: ranks, skip: skip));
            met.AddRange(whole.Select(row => row.Content));
        }
        Assert.Equal(met.Count, met.Distinct().Count());
    }

    [Fact]
    public void Batches_are_the_same_with_any_workers_and_where_a_run_goes_on()
    {
        ParquetImages images = Numbered([7, 4, 5], [11], [3, 8, 1]);
        AugmentationRecipe recipe = AugmentationRecipe.V2(4);
        float[][] Batches(int workers, int first)
        {
            using SingleViewLoader loader = new(images, recipe, new LoaderOptions { BatchSize = 8, Workers = workers, Seed = 3 });
            List<float[]> batches = [];
            foreach (SingleViewBatch batch in loader.Epoch(2, first))
                using (batch) batches.Add([.. batch.Views.data<float>()]);
            return [.. batches];
        }

        float[][] whole = Batches(1, 0);
        Assert.Equal(5, whole.Length);
        Assert.Equal(whole, Batches(4, 0));
        Assert.Equal(whole[3..], Batches(2, 3));
    }

    [Fact]
    public void Fewer_images_than_all_can_make_an_epoch()
    {
        Numbered([7, 4], [3]);
        ParquetImages some = new(folder.Path, new SourceOptions { ImagesPerEpoch = 5, ShuffleBuffer = 4 });
        Assert.Equal(["0", "1", "2", "3", "4"], Read(some, shuffle: false).Select(row => row.Content));
        Assert.Equal(5, Read(some).Distinct().Count());
    }

    [Fact]
    public void A_row_group_that_is_damaged_costs_its_own_images_only()
    {
        ParquetImages images = Numbered([6, 6], [6]);
        string path = folder.File("0.parquet");
        byte[] bytes = File.ReadAllBytes(path);
        // The header of the first page.
        bytes.AsSpan(4, 12).Fill(0xFF);
        File.WriteAllBytes(path, bytes);

        (string Content, int? Label)[] rows = Read(images, shuffle: false);
        Assert.Equal([.. Enumerable.Repeat("", 6), .. Enumerable.Range(6, 12).Select(i => $"{i}")], rows.Select(row => row.Content));
        Assert.Equal(6, images.Errors.Count);
        Assert.Contains("0.parquet, row 0: ", $"{images.Errors.First[0]}", StringComparison.Ordinal);
        Assert.Contains("column image of row group 0 is damaged", $"{images.Errors.First[0]}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_beyond_the_classes_is_an_error_of_its_image()
    {
        Numbered([6]);
        ParquetImages images = new(folder.Path, new SourceOptions { Classes = ["a", "b", "c"] });
        Assert.Equal(["0", "1", "2", "", "4", "5"], Read(images, shuffle: false).Select(row => row.Content));
        Assert.EndsWith(
            "0.parquet, row 3: Its label is 3; expected 0 to 2.", $"{Assert.Single(images.Errors.First)}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_Parquet_file_or_unlike_the_first_is_told_at_once()
    {
        folder.Write("a.parquet", [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[100]]);
        Assert.EndsWith("it is truncated, or another file; it is a JPEG.", Refused(folder.File("a.parquet")), StringComparison.Ordinal);
        string whole = Fixture.Path("parquet/plain.parquet");
        folder.Write("a.parquet", File.ReadAllBytes(whole)[..^9]);
        Assert.Contains("a.parquet: expected a Parquet file", Refused(folder.File("a.parquet")), StringComparison.Ordinal);
        folder.Write("a.parquet", [.. "PAR1"u8, .. new byte[20], 0xFF, 0xFF, 0xFF, 0x7F, .. "PAR1"u8]);
        Assert.Contains("a.parquet: expected a Parquet file", Refused(folder.File("a.parquet")), StringComparison.Ordinal);
        string message = Assert.Throws<InvalidDataException>(
            () => new ParquetImages([whole, Fixture.Path("parquet/cifar.parquet")])).Message;
        Assert.Contains("cifar.parquet: no column of images; expected one of bytes, or of {bytes, path}, named jpg", message,
            StringComparison.Ordinal);

        static string Refused(string path) => Assert.Throws<InvalidDataException>(() => new ParquetImages(path)).Message;
    }

    [Fact]
    public async Task Damage_of_pages_ends_in_errors_of_their_images()
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path("parquet/train-00000-of-00002.parquet"));
        int pages = whole.Length - 8 - BitConverter.ToInt32(whole, whole.Length - 8), damaged = 0;
        Random random = new(2);
        for (int round = 0; round < 300; round++)
        {
            byte[] bytes = [.. whole];
            bytes[random.Next(4, pages)] ^= (byte)(1 << random.Next(8));
            ParquetImages images = new(folder.Write("x.parquet", bytes));
            Assert.Equal(7, (await Task.Run(() => Read(images)).WaitAsync(TimeSpan.FromSeconds(20))).Length);
            damaged += images.Errors.Count > 0 ? 1 : 0;
        }
        Assert.InRange(damaged, 1, 300);
    }

    private static (string Content, int? Label)[] Read(
        ParquetImages images, bool shuffle = true, int epoch = 0, int rank = 0, int ranks = 1, long skip = 0)
    {
        using IEnumerator<EncodedImage> files = images.Open(1, epoch, shuffle, rank, ranks, skip);
        List<(string, int?)> rows = [];
        while (files.MoveNext()) rows.Add((Encoding.UTF8.GetString(files.Current.Bytes), files.Current.Label));
        return [.. rows];
    }

    private ParquetImages Numbered(params int[][] files) => Numbered(8, files);

    /// <summary>Files of row groups of so many images, each image's content its number.</summary>
    private ParquetImages Numbered(int buffer, params int[][] files)
    {
        DataField image = new DataField<byte[]>("image"), label = new DataField<int>("label");
        int number = 0;
        for (int i = 0; i < files.Length; i++) Write(folder.File($"{i}.parquet"), files[i]).GetAwaiter().GetResult();
        return new ParquetImages(folder.Path, ByteDecoder.Options with { ShuffleBuffer = buffer });

        async Task Write(string path, int[] groups)
        {
            using FileStream stream = File.Create(path);
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(image, label), stream);
            foreach (int rows in groups)
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                int[] numbers = [.. Enumerable.Range(number, rows)];
                await group.WriteAsync(image, [.. numbers.Select(i => (byte[]?)Encoding.UTF8.GetBytes($"{i}"))]);
                await group.WriteAsync<int>(label, numbers.Select(i => i % 4).ToArray());
                number += rows;
            }
        }
    }
}
