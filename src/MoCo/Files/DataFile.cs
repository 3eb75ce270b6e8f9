using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace MoCo.Files;

/// <summary>A file of tensors open for reading: ranges are read or mapped, always within the length that it had when it was opened.</summary>
internal sealed class DataFile : IDisposable
{
    private readonly Lock gate = new();
    private readonly SafeFileHandle handle;
    private MappedBytes? mapped;
    private bool disposed;

    private DataFile(string path, SafeFileHandle handle) => (Path, this.handle, Length) = (path, handle, RandomAccess.GetLength(handle));

    public string Path { get; }

    public long Length { get; }

    public static DataFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path)) throw new InvalidDataException($"{path} is a folder; expected a file of weights.");
        return new DataFile(path, File.OpenHandle(path));
    }

    /// <summary>Reads exactly the bytes from <paramref name="offset"/> on.</summary>
    public void Read(long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            int read = RandomAccess.Read(handle, into, offset);
            if (read == 0) throw new EndOfStreamException($"{Path} ends at byte {offset}; expected {into.Length} more.");
            into = into[read..];
            offset += read;
        }
    }

    /// <summary>A part of the file as a stream.</summary>
    public Stream Section(long offset, long length) => new FileSection(this, offset, length);

    /// <summary>A part of the file without a copy; it can be looked at until this file is closed.</summary>
    public ReadOnlyMemory<byte> Map(long offset, int length)
    {
        if (length == 0) return ReadOnlyMemory<byte>.Empty;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            mapped ??= new MappedBytes(MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true));
            return mapped.Slice(offset, length);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            mapped?.Dispose();
        }
        handle.Dispose();
    }
}
