using Microsoft.Win32.SafeHandles;

namespace MoCo.Files;

/// <summary>A file of tensors open for reading at any place.</summary>
internal sealed class DataFile : IDisposable
{
    private readonly SafeFileHandle handle;

    private DataFile(string path, SafeFileHandle handle) => (Path, this.handle, Length) = (path, handle, RandomAccess.GetLength(handle));

    public string Path { get; }

    /// <summary>Bytes that it had when it was opened.</summary>
    public long Length { get; }

    public static DataFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Directory.Exists(path)
            ? throw new InvalidDataException($"{path} is a folder; expected a file of weights.")
            : new DataFile(path, File.OpenHandle(path));
    }

    /// <summary>The error for a file of another kind: it says what the file is.</summary>
    /// <param name="expected">What was expected, in words.</param>
    public InvalidDataException IsNot(string expected)
    {
        byte[] start = new byte[Math.Min(Length, FileSignature.Length)];
        Read(0, start);
        return new InvalidDataException($"{Path} is {FileSignature.Describe(start)}; expected {expected}.");
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

    public void Dispose() => handle.Dispose();
}
