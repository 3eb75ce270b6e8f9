using System.Collections.Concurrent;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using MoCo.Imaging;

namespace MoCo.Data.Folders;

/// <summary>Reads whole files into memory that is used again, for any number of threads.</summary>
internal sealed class ImageFiles
{
    /// <summary>The most bytes of one file: more than 200 million uncompressed pixels take.</summary>
    internal const int MostBytes = 1 << 30;

    private readonly ConcurrentBag<EncodedImage> kept = [];

    internal EncodedImage Rent() => kept.TryTake(out EncodedImage? file) ? file : new EncodedImage();

    internal void Return(EncodedImage file)
    {
        file.DropGiant();
        kept.Add(file);
    }

    /// <summary>Decodes an image from a file that <paramref name="read"/> brings.</summary>
    internal void Decode(ImageDecoder decoder, ImageBuffer into, Action<EncodedImage> read)
    {
        ArgumentNullException.ThrowIfNull(into);
        EncodedImage file = Rent();
        try
        {
            read(file);
            decoder.Decode(file.Bytes, into);
        }
        finally
        {
            Return(file);
        }
    }

    /// <summary>Reads a file as below, by Linux's own calls where that works.</summary>
    internal static void ReadFast(string path, EncodedImage into)
    {
        Span<byte> text = stackalloc byte[LinuxFile.LongestPath];
        bool isRead = LinuxFile.IsSupported && Utf8.TryWrite(text, $"{path}\0", out _) && LinuxFile.TryRead(text, MostBytes, into);
        if (!isRead) Read(path, into);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is empty, longer than <see cref="MostBytes"/>, or a pipe, a socket or a
    /// device.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static void Read(string path, EncodedImage into)
    {
        try
        {
            FileInfo info = new(path);
            if (info.Exists && info.Attributes.HasFlag(FileAttributes.ReparsePoint))
                info = (FileInfo?)info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
            // Pipes, sockets and devices have no length; opening one might wait for ever.
            if (info.Length == 0)
                throw new InvalidDataException("The file is empty, or it is no regular file but a pipe, a socket or a device.");
            using SafeFileHandle handle = File.OpenHandle(path);
            long length = RandomAccess.GetLength(handle);
            if (length > MostBytes) throw new InvalidDataException($"The file has {length} bytes; at most {MostBytes} are read.");
            into.Resize((int)length);
            int got = 0;
            for (int read = -1; read != 0 && got < length; got += read) read = RandomAccess.Read(handle, into.Bytes[got..], got);
            into.Resize(got);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{path}: cannot be read; {error.Message}", error);
        }
    }
}
