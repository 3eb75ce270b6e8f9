using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace MoCo.Data.RowGroups;

/// <summary>One Parquet file, open: its columns of images and labels, and the rows of its groups. One thread's at a time.</summary>
internal sealed class ParquetFile : IDisposable
{
    /// <summary>The most rows of one group.</summary>
    internal const int MostRows = 1 << 24;

    private const int FooterLengthAt = 8, ShortestFile = 12, BufferLength = 1 << 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] ImageNames = ["image", "img", "jpg", "jpeg", "png", "webp", "picture", "photo"],
        LabelNames = ["label", "labels", "cls", "class", "fine_label", "target"];

    private static readonly HashSet<Type> Whole =
        [typeof(int), typeof(long), typeof(short), typeof(byte), typeof(sbyte), typeof(ushort), typeof(uint), typeof(ulong)];

    private readonly string path;
    private readonly BoundedReads bytes;
    private readonly ParquetReader reader;
    private readonly DataField image;
    private readonly DataField? label;

    private ParquetFile(string path, BoundedReads bytes, ParquetReader reader, ColumnChoice columns)
    {
        (this.path, this.bytes, this.reader) = (path, bytes, reader);
        Rows = [.. reader.RowGroups.Select(group => group.RowCount is >= 0 and <= MostRows and long rows ? (int)rows
            : throw new InvalidDataException($"{path}: a row group has {group.RowCount} rows; at most {MostRows} are read."))];
        (ParquetSchema schema, HuggingFaceFeatures features) = Damaged(
            path, bytes, "its schema", () => Task.FromResult((reader.Schema, HuggingFaceFeatures.Read(reader.CustomMetadata))));
        DataField[] fields = [.. schema.GetDataFields().Where(field => !field.IsArray && field.MaxRepetitionLevel == 0)];
        string Columns() => string.Join(", ", schema.Fields.Select(field => field.Name));

        IEnumerable<string> images = columns.Image is { } named ? [named] : [.. features.Images, .. ImageNames];
        image = images.Select(name => Array.Find(fields, field => IsImage(field, name))).OfType<DataField>().FirstOrDefault()
            ?? throw new InvalidDataException($"{path}: no column of images; expected one of bytes, or of {{bytes, path}}, named "
                + $"{string.Join(", ", images.Distinct())} ({nameof(SourceOptions)}.{nameof(SourceOptions.ImageColumn)} says "
                + $"which), found the columns {Columns()}.");
        IEnumerable<string> labels = !columns.HasLabels ? []
            : columns.Label is { } given ? [given]
            : [.. LabelNames.Where(features.Classes.ContainsKey), .. features.Classes.Keys, .. LabelNames];
        label = labels.Select(name => Array.Find(fields, field => field.Path.ToString() == name && Whole.Contains(field.ClrType)))
            .OfType<DataField>().FirstOrDefault();
        if (label is null && columns.Label is { } missing)
            throw new InvalidDataException($"{path}: no column '{missing}' of whole numbers; found the columns {Columns()}.");
        Names = label is null ? null : features.Classes.GetValueOrDefault(label.Name);
    }

    /// <summary>The rows of each group.</summary>
    internal int[] Rows { get; }

    /// <summary>The column of images.</summary>
    internal string ImageColumn => image.Path.FirstPart!;

    /// <summary>The column of labels; null: there is none.</summary>
    internal string? LabelColumn => label?.Name;

    /// <summary>The names of the labels, where the file says them.</summary>
    internal string[]? Names { get; }

    /// <exception cref="InvalidDataException">It is damaged, no Parquet file, or has no images; the message names it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static ParquetFile Open(string path, ColumnChoice columns)
    {
        FileStream? stream = null;
        try
        {
            stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferLength);
            CheckFooter(path, stream);
            BoundedReads bytes = new(stream);
            // A number that is cut off in a damaged footer is read for ever, from memory that this class does not see.
            ParquetReader reader = Damaged(
                path, bytes, "its footer", () => Task.Run(() => ParquetReader.CreateAsync(bytes)).WaitAsync(Patience));
            return new ParquetFile(path, bytes, reader, columns);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{path}: cannot be read; {error.Message}", error);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the images of a row group: a row's file, or nothing where the row has none.</summary>
    /// <exception cref="InvalidDataException">The group is damaged.</exception>
    internal ReadOnlyMemory<byte>[] Images(int group)
    {
        ReadOnlyMemory<byte>[] images = new ReadOnlyMemory<byte>[Rows[group]];
        Spread(image, images, Read<ReadOnlyMemory<byte>>(image, group, images));
        return images;
    }

    /// <summary>Reads the labels of a row group, −1 for none.</summary>
    /// <exception cref="InvalidDataException">The group is damaged.</exception>
    internal int[] Labels(int group)
    {
        int[] none = new int[Rows[group]];
        Array.Fill(none, -1);
        return label is null ? none
            : label.ClrType == typeof(long) ? Labels<long>(label, group)
            : label.ClrType == typeof(int) ? Labels<int>(label, group)
            : label.ClrType == typeof(short) ? Labels<short>(label, group)
            : label.ClrType == typeof(byte) ? Labels<byte>(label, group)
            : label.ClrType == typeof(sbyte) ? Labels<sbyte>(label, group)
            : label.ClrType == typeof(ushort) ? Labels<ushort>(label, group)
            : label.ClrType == typeof(uint) ? Labels<uint>(label, group)
            : Labels<ulong>(label, group);
    }

    public void Dispose() => bytes.Dispose();

    private int[] Labels<T>(DataField field, int group)
        where T : struct, INumber<T>
    {
        T[] values = new T[Rows[group]];
        int[]? levels = Read(field, group, values);
        Spread(field, values, levels);
        // What no class can have the number of stays none that can.
        return [.. values.Select((value, row) =>
            levels is not null && levels[row] < field.MaxDefinitionLevel ? -1 : Math.Max(-1, int.CreateSaturating(value)))];
    }

    private int[]? Read<T>(DataField field, int group, T[] values)
        where T : struct
    {
        int[]? levels = field.MaxDefinitionLevel > 0 ? new int[values.Length] : null;
        // Null that is not typed so would become memory of no length, as an array that is null does.
        Memory<int>? into = levels is null ? (Memory<int>?)null : levels.AsMemory();
        long? missing = Damaged(path, bytes, $"column {field.Path} of row group {group}", async () =>
        {
            ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            await rows.ReadRawAsync<T>(field, values, into, null).ConfigureAwait(false);
            return rows.GetMetadata(field)?.MetaData?.Statistics?.NullCount;
        });
        // Where nothing is missing some writers leave the levels out.
        return missing == 0 ? null : levels;
    }

    /// <summary>Values lie one behind the other without room for what is missing: gives each its row.</summary>
    private static void Spread<T>(DataField field, T[] values, int[]? levels)
    {
        if (levels is null) return;
        int there = levels.Count(level => level == field.MaxDefinitionLevel);
        for (int row = values.Length - 1; row >= 0; row--)
            values[row] = levels[row] == field.MaxDefinitionLevel ? values[--there] : default!;
    }

    private static bool IsImage(DataField field, string name) => field.ClrType == typeof(ReadOnlyMemory<byte>)
        && (field.Path.ToString() == name || (field.Path.Length == 2 && field.Path.FirstPart == name && field.Name == "bytes"));

    private static void CheckFooter(string path, FileStream stream)
    {
        Span<byte> tail = stackalloc byte[FooterLengthAt];
        if (stream.Length >= ShortestFile)
        {
            stream.Position = stream.Length - FooterLengthAt;
            stream.ReadExactly(tail);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
            if (tail[4..].SequenceEqual("PAR1"u8) && length <= stream.Length - ShortestFile) return;
            if (tail[4..].SequenceEqual("PARE"u8)) throw new InvalidDataException($"{path}: the Parquet file is encrypted.");
        }
        throw new InvalidDataException(
            $"{path}: expected a Parquet file, which ends with 'PAR1'; it is truncated, or another file{FileSignature.Remark(path)}.");
    }

    /// <summary>Reads a part; of a damaged file that may end in any exception.</summary>
    private static T Damaged<T>(string path, BoundedReads bytes, string part, Func<Task<T>> read)
    {
        bytes.Allow();
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            throw new InvalidDataException($"{path}: {part} is damaged or of a kind that is not read; {error.Message}", error);
        }
    }
}

/// <summary>The columns that are asked for.</summary>
/// <param name="Image">The one of images; null: as the file says.</param>
/// <param name="Label">The one of labels; null: as the file says.</param>
/// <param name="HasLabels">Whether labels count: not where the first file has none, whatever another may have.</param>
internal readonly record struct ColumnChoice(string? Image, string? Label, bool HasLabels = true);
