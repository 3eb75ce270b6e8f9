namespace MoCo.Data.RowGroups;

/// <summary>A file from which only so much is read at a time: in a damaged one the pages may point at each other in a circle.</summary>
internal sealed class BoundedReads(FileStream file) : Stream
{
    // A page that is gone to is work, however short it is.
    private const long More = 1 << 20, Turn = 1 << 12;

    private long left;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>Lets as much be read from here on as the file has, and a little more.</summary>
    internal void Allow() => left = file.Length + More;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = file.Read(buffer);
        Count(read);
        return read;
    }

    public override int ReadByte()
    {
        Count(1);
        return file.ReadByte();
    }

    // Whoever asks waits all the same.
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin)
    {
        Count(Turn);
        return file.Seek(offset, origin);
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reading nothing is work too.</summary>
    private void Count(long read)
    {
        left -= Math.Max(1, read);
        if (left < 0) throw new InvalidDataException("its pages lie in a circle");
    }
}
