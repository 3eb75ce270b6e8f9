using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Shared;

/// <summary>Takes a file's bytes for grey levels: a file "abc" is an image of 3×1; an empty one, or one that begins with "bad", is
/// corrupt.</summary>
internal sealed class ByteDecoder : ImageDecoder
{
    /// <summary>How images are read that are such bytes.</summary>
    public static SourceOptions Options { get; } = new() { Decoder = new ByteDecoder() };

    public override void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        if (file.IsEmpty || file.StartsWith("bad"u8)) throw new InvalidDataException("No image.");
        into.Resize(file.Length, 1, 3);
        for (int i = 0; i < file.Length; i++) into.Pixels.Slice(3 * i, 3).Fill(file[i]);
    }

    public static string Text(ImageBuffer image)
    {
        char[] text = new char[image.Width];
        for (int i = 0; i < text.Length; i++) text[i] = (char)image.Pixels[3 * i];
        return new string(text);
    }
}
