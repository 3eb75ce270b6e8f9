using System.Collections.Concurrent;

namespace MoCo.Data.Folder;

/// <summary>Reads whole files into memory that is used again, for any number of threads.</summary>
internal sealed class ImageFiles
{
    /// <summary>The most bytes of one file: more than 200 million uncompressed pixels take.</summary>
    internal const int MostBytes = 1 << 30;

    /// <summary>Memory larger than this is not kept: one giant must not stay with every thread.</summary>
    private const int MostKept = 64 << 20;

    private readonly ConcurrentBag<Slot> slots = [];

    internal Slot Rent() => slots.TryTake(out var slot) ? slot : new Slot();

    internal void Return(Slot slot)
    {
        if (slot.File.Bytes.Length <= MostKept)
            slots.Add(slot);
    }

    internal static void Read(Utf8Path path, EncodedImage into)
    {
        if (UnixFile.Supported)
            UnixFile.Read(path, into, MostBytes);
        else
            ReadPortably(path.ToString(), into);
    }

    internal static void ReadPortably(string path, EncodedImage into)
    {
        try
        {
            using var handle = File.OpenHandle(path);
            var length = RandomAccess.GetLength(handle);
            if (length > MostBytes)
                throw new InvalidDataException($"The file has {length} bytes; at most {MostBytes} are read.");
            into.Resize((int)length);
            var got = 0;
            for (var read = -1; read != 0 && got < length; got += read)
                read = RandomAccess.Read(handle, into.Bytes[got..], got);
            into.Resize(got);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{path}: cannot be read; {error.Message}", error);
        }
    }

    /// <summary>What one thread needs to read a file.</summary>
    internal sealed class Slot
    {
        internal Utf8Path Path { get; } = new();

        internal EncodedImage File { get; } = new();
    }
}
