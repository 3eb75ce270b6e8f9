using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation.Features;

/// <summary>Writes an <see cref="EmbeddingFile"/> row by row. The rows lie where they will stay, from the beginning on; a log says which
/// of them count, and holds what becomes of the other tensors when their length is known.</summary>
/// <remarks>The numbers of 8 bytes lie before the rows and end where those begin, so that each is where readers expect its type. Where
/// images could not be read they are fewer than there was room for: the header is so much longer.</remarks>
internal sealed class EmbeddingWriter : IDisposable
{
    private const int LongsOfRow = 3;

    private readonly string path;
    private readonly IReadOnlyDictionary<string, string> facts;
    private readonly TimeSpan commitEvery;
    private readonly FileStream log;
    private readonly long most;
    private readonly int room;
    private FileStream? part;
    private Started? started;
    private long nameBytes, committed = Stopwatch.GetTimestamp();
    private Entry waiting = new(0, [], [], []);

    private EmbeddingWriter(string path, IReadOnlyDictionary<string, string> facts, long most, TimeSpan commitEvery, FileStream log)
    {
        (this.path, this.facts, this.most, this.commitEvery, this.log) = (path, facts, most, commitEvery, log);
        room = Header(1L << 40, 1 << 20, 1L << 60, 0).Length; // the most digits
    }

    /// <summary>Batches that are done.</summary>
    public int Batches { get; private set; }

    /// <summary>Rows that they have.</summary>
    public long Rows { get; private set; }

    /// <summary>Numbers in a row.</summary>
    public int Dimension => started!.Dimension;

    private string PartPath => path + ".part";

    private long FirstRow => 8 + room + (LongsOfRow * 8 * most);

    private long RowBytes => (long)Dimension * sizeof(float);

    /// <summary>Begins a file, or goes on with it where an earlier writer ended.</summary>
    /// <param name="path">The file to be.</param>
    /// <param name="facts">The metadata, which the earlier writer must have had alike.</param>
    /// <param name="most">Images, and so rows, at most.</param>
    /// <param name="commitEvery">What a kill may cost.</param>
    public static EmbeddingWriter Open(string path, IReadOnlyDictionary<string, string> facts, long most, TimeSpan commitEvery)
    {
        string full = Path.GetFullPath(path);
        FileStream log = new(full + ".part.log", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
        return log.HandTo(_ => new EmbeddingWriter(full, facts, most, commitEvery, log)).HandTo(writer =>
        {
            writer.GoOn();
            return writer;
        });
    }

    /// <summary>Takes a batch's rows: n×D float32, contiguous, on the CPU.</summary>
    public void Add(int batch, Tensor output, int[] indices, int[] labels, string[] names)
    {
        if (started is null) Start((int)output.shape[1]);
        if (output.shape[1] != Dimension)
            throw new InvalidDataException($"The encoder gives {output.shape[1]} numbers, {PartPath} has rows of {Dimension}.");
        long place = FirstRow + (Rows * RowBytes);
        foreach (Tensor piece in TensorBytes.Pieces(output))
        {
            RandomAccess.Write(part!.SafeFileHandle, piece.bytes, place);
            place += piece.bytes.Length;
        }
        waiting = new Entry(batch + 1, [.. waiting.Indices, .. indices], [.. waiting.Labels, .. labels], [.. waiting.Names, .. names]);
        Rows += indices.Length;
        if (Stopwatch.GetElapsedTime(committed) >= commitEvery) Commit();
    }

    /// <summary>Makes what was taken outlast a kill: first the rows, then the line that says they count.</summary>
    public void Commit()
    {
        committed = Stopwatch.GetTimestamp();
        if (waiting.Batches == 0) return;
        part!.Flush(flushToDisk: true);
        Write(waiting);
        nameBytes += waiting.Names.Sum(name => (long)Encoding.UTF8.GetByteCount(name));
        (Batches, waiting) = (waiting.Batches, new Entry(0, [], [], []));
    }

    /// <summary>Completes the file and puts it in its place: safetensors, or Parquet where it is called so.</summary>
    public void Finish()
    {
        Commit();
        if (EmbeddingTable.IsOne(path)) FinishTable();
        else FinishTensors();
        log.SetLength(0);
    }

    public void Dispose()
    {
        part?.Dispose();
        bool isEmpty = log.Length == 0;
        log.Dispose();
        if (isEmpty) File.Delete(log.Name);
    }

    private void FinishTable()
    {
        EmbeddingTable.Write(path, facts, Dimension, Entries().SelectMany(entry => entry.Names.Zip(entry.Labels)), (row, numbers) =>
        {
            part!.Position = FirstRow + (row * RowBytes);
            part.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        });
        part!.Dispose();
        File.Delete(PartPath);
    }

    private void FinishTensors()
    {
        byte[] header = Header(Rows, Dimension, nameBytes, (int)(room + (LongsOfRow * 8 * (most - Rows))));
        SafeFileHandle handle = part!.SafeFileHandle;
        part.SetLength(FirstRow + (Rows * RowBytes) + nameBytes);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        RandomAccess.Write(handle, length, 0);
        RandomAccess.Write(handle, header, 8);
        (long row, long end, long longs, long names) = (0, 0, 8 + header.Length, FirstRow + (Rows * RowBytes));
        foreach (Entry entry in Entries())
        {
            byte[][] texts = [.. entry.Names.Select(Encoding.UTF8.GetBytes)];
            long start = end;
            long[][] columns =
            [
                [.. entry.Indices.Select(index => (long)index)], [.. entry.Labels.Select(label => (long)label)],
                [.. texts.Select(text => end += text.Length)],
            ];
            for (int column = 0; column < LongsOfRow; column++)
                RandomAccess.Write(handle, MemoryMarshal.AsBytes<long>(columns[column]), longs + (8 * ((column * Rows) + row)));
            RandomAccess.Write(handle, (byte[])[.. texts.SelectMany(text => text)], names + start);
            row += entry.Indices.Length;
        }
        part.Dispose();
        Seal(header);
        File.Move(PartPath, path, overwrite: true);
    }

    private void Seal(byte[] header)
    {
        string digest;
        using (SafetensorsFile file = SafetensorsFile.Open(PartPath)) digest = file.Digest(SafetensorsWriter.EmptyDigest);
        int place = header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(SafetensorsWriter.EmptyDigest));
        using FileStream stream = new(PartPath, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(stream.SafeFileHandle, Encoding.ASCII.GetBytes(digest), 8 + place);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Takes up what an earlier writer left, if it left both files.</summary>
    private void GoOn()
    {
        CutTornLine();
        if (!File.Exists(PartPath) || log.Length == 0)
        {
            log.SetLength(0);
            return;
        }
        started = Lines().Select(line => JsonSerializer.Deserialize<Started>(line)).First()!;
        foreach (string what in facts.Keys.Union(started.Facts.Keys).Order(StringComparer.Ordinal)) CheckFact(what);
        part = new FileStream(PartPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
        foreach (Entry entry in Entries())
        {
            (Batches, Rows) = (entry.Batches, Rows + entry.Indices.Length);
            nameBytes += entry.Names.Sum(name => (long)Encoding.UTF8.GetByteCount(name));
        }
        if (part.Length < FirstRow + (Rows * RowBytes))
        {
            throw new InvalidDataException($"{PartPath} has {part.Length} bytes; expected {FirstRow + (Rows * RowBytes)} or more, as its "
                + "log says. Remove it to begin anew.");
        }
    }

    private void CheckFact(string what)
    {
        string? before = started!.Facts.GetValueOrDefault(what), now = facts.GetValueOrDefault(what);
        if (before == now) return;
        string Named(IReadOnlyDictionary<string, string> of) => what switch
        {
            "weights" => $"the encoder {of.GetValueOrDefault("encoder")} (weights {of[what][..12]}…)",
            "images" => $"other images: {of.GetValueOrDefault("source")} (names {of[what][..12]}…)",
            _ => $"{what} {of.GetValueOrDefault(what) ?? "not stated"}",
        };
        throw new InvalidDataException($"{PartPath} was begun with {Named(started.Facts)}, and now it is {Named(facts)}; expected the "
            + "same, or another file's name. Remove it to begin anew.");
    }

    private void Start(int dimension)
    {
        started = new Started(dimension, new(facts));
        // A disk without room is found before hours of work.
        part = new FileStream(PartPath, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            PreallocationSize = FirstRow + (most * RowBytes),
        });
        Write(started);
    }

    private byte[] Header(long count, int dimension, long names, int least) => SafetensorsWriter.Header(
        [
            ("indices", ScalarType.Int64, [count]), ("labels", ScalarType.Int64, [count]), (PackedNames.Ends, ScalarType.Int64, [count]),
            ("embeddings", ScalarType.Float32, [count, dimension]), (PackedNames.Texts, ScalarType.Byte, [names]),
        ],
        facts, least);

    private void Write<T>(T line)
    {
        log.Position = log.Length;
        log.Write([.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n']);
        log.Flush(flushToDisk: true);
    }

    /// <summary>A kill may have ended the last line.</summary>
    private void CutTornLine()
    {
        byte[] last = new byte[1];
        long end = log.Length;
        for (; end > 0; end--)
        {
            RandomAccess.Read(log.SafeFileHandle, last, end - 1);
            if (last[0] == '\n') break;
        }
        if (end < log.Length) log.SetLength(end);
    }

    private IEnumerable<Entry> Entries() => Lines().Skip(1).Select(line => JsonSerializer.Deserialize<Entry>(line)!);

    private IEnumerable<string> Lines()
    {
        log.Position = 0;
        using StreamReader reader = new(log, Encoding.UTF8, leaveOpen: true);
        while (reader.ReadLine() is { } line) yield return line;
    }

    private sealed record Started(int Dimension, Dictionary<string, string> Facts);

    /// <summary>Rows that count, and how many batches are done with them.</summary>
    private sealed record Entry(int Batches, int[] Indices, int[] Labels, string[] Names);
}
