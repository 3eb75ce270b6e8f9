using MoCo.Data.RowGroups;
using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in Parquet files as Hugging Face's data sets have them, read as a stream, row group by row group.</summary>
/// <remarks>
/// <para>A row is an image: its file's bytes in a column of bytes or of <c>{bytes, path}</c>, and where there is one its label in a column
/// of whole numbers; a negative label, or none, is none. Which columns, the metadata of Hugging Face say; where they do not, the names:
/// <c>image</c>, <c>img</c>, <c>jpg</c>, <c>jpeg</c>, <c>png</c>, <c>webp</c>, <c>picture</c> or <c>photo</c>, and <c>label</c>,
/// <c>labels</c>, <c>cls</c>, <c>class</c>, <c>fine_label</c> or <c>target</c>. The class names are the metadata's, or the numbers up to
/// the highest label, which are looked for in all files then. An image without bytes (a path alone is not followed) or with a label beyond
/// the classes, and all of a row group that is damaged, cannot be read, and count in <see cref="Errors"/>.</para>
/// <para>In each epoch the row groups of all files are shuffled and laid end to end, and every rank yields the next <see cref="Count"/> /
/// ranks images, through a shuffle buffer: no image is repeated, and only the remainder of the division is left out. A run goes on at any
/// image, bit for bit.</para>
/// <para>Memory: the files of the images in the shuffle buffer, and one row group (Hugging Face's have 100 rows), whatever the number and
/// length of files. Every member may be called by many threads at once.</para>
/// </remarks>
internal sealed class ParquetImages : IImageStream
{
    private readonly SourceOptions options;
    private readonly ImageDecoder decoder;
    private readonly RowGroupSet set;
    private readonly long[] rows;
    private readonly string[] notes;

    /// <summary>Finds files by a pattern, as below.</summary>
    public ParquetImages(string pattern, SourceOptions? options = null)
        : this([pattern], options)
    {
    }

    /// <summary>Finds files by several patterns.</summary>
    /// <param name="patterns">Each means files such as <c>train-*.parquet</c>, as of <see cref="TarShards"/>, or a folder of
    /// .parquet files; their files follow each other.</param>
    /// <param name="options">How they are read; null: the defaults.</param>
    /// <exception cref="ArgumentException">A pattern is none, or an option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, no Parquet file or has other columns than the first, or there is no
    /// image.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ParquetImages(IReadOnlyList<string> patterns, SourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        this.options = options ?? new SourceOptions();
        this.options.Validate();
        decoder = this.options.Decoder ?? ImageDecoder.Default;
        Name = string.Join(" ", patterns);
        string[] paths = ShardPattern.Find(patterns, ".parquet");
        List<(int File, int Number, long FirstRow)> groups = [];
        List<long> counts = [];
        ColumnChoice columns = new(this.options.ImageColumn, this.options.LabelColumn);
        string? image = null, label = null;
        string[]? names = null;
        int highest = -1;
        for (int i = 0; i < paths.Length; i++)
        {
            using ParquetFile file = ParquetFile.Open(paths[i], columns);
            if (i == 0) (image, label, names) = (file.ImageColumn, file.LabelColumn, file.Names);
            // All files are read by the columns of the first.
            columns = new(image, label, HasLabels: label is not null);
            long first = 0;
            for (int group = 0; group < file.Rows.Length; group++)
            {
                groups.Add((i, group, first));
                counts.Add(file.Rows[group]);
                first += file.Rows[group];
                if (label is not null && names is null && this.options.Classes is null)
                    highest = Math.Max(highest, file.Labels(group).DefaultIfEmpty(-1).Max());
            }
        }
        long all = counts.Sum();
        if (all == 0) throw new InvalidDataException($"{Name}: no row in {Counted.Of(paths.Length, "file")}.");
        if (highest >= ShardSet.MostUnnamedClasses)
            throw new InvalidDataException($"{Name}: the highest label is {highest}; expected labels below {ShardSet.MostUnnamedClasses}.");
        Classes = this.options.Classes is { } given ? Array.AsReadOnly([.. given])
            : names is not null ? Array.AsReadOnly(names)
            : SourceChecks.NumberedClasses(highest + 1);
        (Count, rows) = (this.options.ImagesPerEpoch ?? all, [.. counts]);
        set = new RowGroupSet(
            paths, [.. groups], columns, label is null || Classes.Count == 0 ? int.MaxValue : Classes.Count, Errors);
        notes =
        [
            $"{Counted.Of(paths.Length, "file")} of {Counted.Of(rows.Length, "row group")}, shuffle buffer of "
                + Counted.Of(this.options.ShuffleBuffer, "image"),
            $"images of column {image}, {(label is null ? "no column of labels" : $"labels of column {label}")}",
        ];
    }

    public string Name { get; }

    public long Count { get; }

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    IEnumerable<string> IImageSet.Notes => notes;

    public IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
    {
        SourceChecks.StreamPart(epoch, rank, ranks, skip);
        ShardPart part = ShardPart.Of(rows.Length, rows, seed, epoch, shuffle, rank, ranks);
        SampleRandom random = ShardReader.RandomFor(seed, epoch, rank);
        return new RowGroupReader(set, rows, part, shuffle ? options.ShuffleBuffer : 1, random, Count / ranks, skip);
    }

    public void Decode(EncodedImage image, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(into);
        if (image.Bytes.IsEmpty) throw new InvalidDataException("The row holds no image's bytes, or none that can be read.");
        decoder.Decode(image.Bytes, into);
    }
}
