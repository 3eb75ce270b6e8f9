using MoCo.Data.Shards;

namespace MoCo.Data.RowGroups;

/// <summary>The row groups of several Parquet files, numbered through.</summary>
/// <param name="Paths">The files, in their order.</param>
/// <param name="Groups">Of each group its file, its number there and the number of its first row there.</param>
/// <param name="Columns">The columns that count.</param>
/// <param name="Classes">Labels are below this number.</param>
/// <param name="Errors">Receives what cannot be read.</param>
internal sealed record RowGroupSet(
    string[] Paths, (int File, int Number, long FirstRow)[] Groups, ColumnChoice Columns, int Classes, SourceErrors Errors)
    : IPlaces
{
    public string Locate(int group, long row) => $"{Paths[Groups[group].File]}, row {Groups[group].FirstRow + row}";

    internal ParquetFile Open(int group) => ParquetFile.Open(Paths[Groups[group].File], Columns);
}

/// <summary>Where an image lies, and its file where that was read.</summary>
/// <param name="Group">The row group.</param>
/// <param name="Row">The row in it.</param>
internal readonly record struct ParquetRow(int Group, int Row)
{
    internal ReadOnlyMemory<byte> File { get; init; }

    internal int Label { get; init; } = ShardLabel.None;

    /// <summary>Why it cannot be read; null: it can.</summary>
    internal string? Error { get; init; }
}

/// <summary>One rank's part of an epoch over row groups, through a shuffle buffer that holds the images' files.</summary>
/// <remarks>A group is read whole when its first row enters the buffer. What an interrupted run has had already is passed over by numbers
/// alone; then the groups are read again that rows in the buffer are of.</remarks>
internal sealed class RowGroupReader : ShuffledReader<ParquetRow>
{
    private const int MostOpen = 8;

    private readonly RowGroupSet set;
    private readonly ShardPart part;
    private readonly long[] rows;
    private readonly List<(int File, ParquetFile Open)> files = [];
    private ParquetRow[] group = [];
    private int place, loaded = -1;
    private long next = -1;

    internal RowGroupReader(RowGroupSet set, long[] rows, ShardPart part, int bufferLength, SampleRandom random, long count, long skip)
        : base(bufferLength, random, count)
    {
        (this.set, this.rows, this.part) = (set, rows, part);
        try
        {
            Skip(skip);
            Fill();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        foreach ((_, ParquetFile open) in files) open.Dispose();
        files.Clear();
    }

    protected override void Read(ParquetRow row, EncodedImage into)
    {
        into.LiesIn(set, row.Group, row.Row);
        into.Label = row.Label == ShardLabel.None ? null : row.Label;
        into.Resize(row.File.Length);
        row.File.Span.CopyTo(into.Bytes);
        if (row.Error is not null) set.Errors.RecordUntold(set.Locate(row.Group, row.Row), row.Error);
    }

    protected override bool Next(out ParquetRow row)
    {
        for (; place < part.Count; place++, next = -1)
        {
            ShardPiece piece = part.Piece(place, 0);
            if (next < 0) next = piece.From;
            if (next >= piece.To) continue;
            row = new ParquetRow(piece.Shard, (int)next++);
            if (!Skipping) row = Take(row);
            return true;
        }
        row = default;
        return false;
    }

    protected override void StartOver() => (place, next) = (0, -1);

    protected override InvalidDataException Empty() => new($"{set.Paths[0]}: this rank's part of the row groups has no rows.");

    /// <summary>Reads what was passed over into the buffer, group by group; that of which rows are still to come last.</summary>
    private void Fill()
    {
        Span<ParquetRow> waiting = Waiting;
        int coming = place < part.Count ? part.Piece(place, 0).Shard : -1;
        int[] order = [.. Enumerable.Range(0, waiting.Length)];
        ParquetRow[] places = waiting.ToArray();
        foreach (int at in order.OrderBy(at => places[at].Group == coming).ThenBy(at => places[at].Group)) waiting[at] = Take(places[at]);
    }

    private ParquetRow Take(ParquetRow place)
    {
        if (loaded != place.Group) Load(place.Group);
        return group[place.Row];
    }

    private void Load(int number)
    {
        (loaded, group) = (-1, []);
        int count = (int)rows[number];
        ReadOnlyMemory<byte>[] images;
        int[] labels;
        string? damage = null;
        try
        {
            ParquetFile file = Open(number);
            int own = set.Groups[number].Number;
            if (own >= file.Rows.Length || file.Rows[own] != count)
                throw new InvalidDataException($"{set.Locate(number, 0)}: the file has changed since its rows were counted.");
            (images, labels) = (file.Images(own), file.Labels(own));
        }
        catch (InvalidDataException error)
        {
            (images, labels, damage) = (new ReadOnlyMemory<byte>[count], new int[count], error.Message);
        }
        group = [.. images.Select((image, row) => new ParquetRow(number, row)
        {
            File = labels[row] < set.Classes ? image : default,
            Label = damage is null && labels[row] < set.Classes ? labels[row] : ShardLabel.None,
            Error = damage ?? (labels[row] >= set.Classes ? $"Its label is {labels[row]}; expected 0 to {set.Classes - 1}." : null),
        })];
        loaded = number;
    }

    /// <summary>The file of a group; the few used last stay open.</summary>
    private ParquetFile Open(int number)
    {
        int file = set.Groups[number].File, found = files.FindIndex(open => open.File == file);
        (int File, ParquetFile Open) used = found >= 0 ? files[found] : (file, set.Open(number));
        if (found >= 0) files.RemoveAt(found);
        else if (files.Count == MostOpen)
        {
            files[0].Open.Dispose();
            files.RemoveAt(0);
        }
        files.Add(used);
        return used.Open;
    }
}
