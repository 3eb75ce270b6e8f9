namespace MoCo.Imaging;

/// <summary>A reusable image of 8-bit pixels, interleaved: row by row, H×W×C.</summary>
/// <remarks>The memory grows to the largest image it has held and never shrinks, so that a warm worker allocates nothing. One thread uses a
/// buffer at a time.</remarks>
public sealed class ImageBuffer
{
    // The pixels of any camera's image stay below.
    private static readonly GiantMemory Giants = new(256 << 20);

    private byte[] memory = [];

    /// <summary>Columns, 0 for a buffer that holds no image yet.</summary>
    public int Width { get; private set; }

    /// <summary>Rows, 0 for a buffer that holds no image yet.</summary>
    public int Height { get; private set; }

    /// <summary>Values per pixel: 1 (grey) or 3 (red, green, blue).</summary>
    public int Channels { get; private set; }

    /// <summary>The columns that the image has in its file; more than <see cref="Width"/> where it was decoded smaller.</summary>
    internal int FullWidth { get; private set; }

    /// <summary>The rows that the image has in its file.</summary>
    internal int FullHeight { get; private set; }

    /// <summary>Says by an upright image's width and height by which factor, 1, 2, 4 or 8, it may be decoded smaller; null: not at
    /// all.</summary>
    internal Func<int, int, int>? Reduction { get; set; }

    /// <summary>The pixels, H×W×C. Valid until the next <see cref="Resize"/> or <see cref="Exchange"/>.</summary>
    public Span<byte> Pixels => memory.AsSpan(0, Height * Width * Channels);

    /// <summary>One row of pixels, W×C.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    public Span<byte> Row(int y) => Pixels.Slice(y * Width * Channels, Width * Channels);

    /// <summary>Gives the buffer another shape. The pixels are undefined afterwards.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 or 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1, other channels than 1 or 3, or more than <see cref="Array.MaxLength"/>
    /// bytes.</exception>
    public void Resize(int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "An image has 1 channel (grey) or 3 (red, green, blue).");
        Int128 bytes = (Int128)width * height * channels;
        if (bytes > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), width,
                $"An image of {width}×{height}×{channels} is {bytes} bytes; at most {Array.MaxLength} fit one buffer.");
        }
        Reserve((int)bytes);
        (Width, Height, Channels) = (width, height, channels);
        (FullWidth, FullHeight) = (width, height);
    }

    /// <summary>Notes that the image was decoded smaller than its file has it.</summary>
    internal void SetFullSize(int width, int height) => (FullWidth, FullHeight) = (width, height);

    /// <summary>Takes over the size and the pixels of another image.</summary>
    /// <param name="other">The image to copy.</param>
    /// <exception cref="ArgumentException"><paramref name="other"/> holds no image.</exception>
    public void CopyFrom(ImageBuffer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Width == 0) throw new ArgumentException("The buffer holds no image yet.", nameof(other));
        Resize(other.Width, other.Height, other.Channels);
        other.Pixels.CopyTo(Pixels);
    }

    /// <summary>Swaps images with another buffer without copying a pixel: how a step that needs a second image hands back its
    /// result.</summary>
    /// <param name="other">The buffer to swap with.</param>
    public void Exchange(ImageBuffer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (memory, other.memory) = (other.memory, memory);
        (Width, other.Width) = (other.Width, Width);
        (Height, other.Height) = (other.Height, Height);
        (Channels, other.Channels) = (other.Channels, Channels);
        (FullWidth, other.FullWidth, FullHeight, other.FullHeight) = (other.FullWidth, FullWidth, other.FullHeight, FullHeight);
    }

    /// <summary>Memory to make an image in: it holds the next one's pixels if <see cref="Resize"/> asks for no more. What the buffer held
    /// is gone.</summary>
    internal Span<byte> Reserve(int bytes)
    {
        if (memory.Length < bytes)
        {
            // What is too small goes before its successor comes: the two need not fit memory together.
            (memory, Width, Height) = ([], 0, 0);
            memory = Giants.Take(bytes);
        }
        return memory.AsSpan(0, bytes);
    }

    /// <summary>Gives a giant image's memory back; any other stays.</summary>
    internal void DropGiant()
    {
        if (Giants.Leave(ref memory)) (Width, Height) = (0, 0);
    }
}
