namespace MoCo.Files;

/// <summary>A file that grows entry by entry and never has a part of one: what can't be written (a full disk) waits in memory for the next
/// try. A file that was deleted under the writer is made anew with everything that it held.</summary>
internal sealed class GrowingFile : IDisposable
{
    // What waits longer is given up: a disk may stay full for days.
    private const int MostWaiting = 16 << 20;

    private readonly MemoryStream waiting = new();
    private FileStream stream;

    /// <param name="path">The file, whose folder exists.</param>
    /// <param name="mode">How it is opened; it grows from its end.</param>
    public GrowingFile(string path, FileMode mode)
    {
        Path = path;
        stream = Open(mode);
        Length = stream.Length;
    }

    public string Path { get; }

    /// <summary>Bytes of whole entries in the file.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that wait to be written.</summary>
    public long Waiting => waiting.Length;

    /// <summary>Takes an entry; <see cref="Flush"/> writes it.</summary>
    public void Add(ReadOnlySpan<byte> entry) => waiting.Write(entry);

    /// <summary>Writes what waits: all of it or nothing.</summary>
    /// <exception cref="IOException">The disk is full, or the folder can't be made again.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written.</exception>
    public void Flush()
    {
        if (Waiting == 0) return;
        try
        {
            if (!File.Exists(Path)) MakeAnew();
            stream.Position = Length;
            stream.Write(waiting.GetBuffer().AsSpan(0, (int)Waiting));
            (Length, waiting.Position) = (stream.Position, 0);
            waiting.SetLength(0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            CutTo(Length);
            if (Waiting > MostWaiting) waiting.SetLength(0);
            throw;
        }
    }

    /// <summary>What is in the file.</summary>
    public byte[] Content()
    {
        byte[] bytes = new byte[Length];
        stream.Position = 0;
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Shortens the file.</summary>
    public void CutTo(long length)
    {
        Length = length;
        try
        {
            stream.SetLength(length);
        }
        catch (IOException)
        {
            // What is behind is written over by the next entry.
        }
    }

    public void Dispose() => stream.Dispose();

    private void MakeAnew()
    {
        byte[] held = Content();
        AtomicFile.Write(Path, anew => anew.Write(held));
        FileStream opened = Open(FileMode.Open);
        stream.Dispose();
        stream = opened;
    }

    // Without a buffer of its own, which would keep what could not be written and try again at any later call.
    private FileStream Open(FileMode mode) => new(Path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
}
