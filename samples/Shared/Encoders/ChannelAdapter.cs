using System.Collections.Concurrent;

namespace Samples.Encoders;

/// <summary>Images of one number of channels as an encoder of the other number takes them: grey ones in three equal channels, color ones by
/// their luma (ITU-R BT.601).</summary>
internal sealed class ChannelAdapter(IImageSource source, int channels) : IImageSource
{
    // What an ordinary image takes is kept for the next.
    private const int MostKept = 64 << 20;

    private readonly ConcurrentBag<ImageBuffer> buffers = [];

    public string Name => source.Name;

    public int Count => source.Count;

    public int Channels => channels;

    public IReadOnlyList<string> Classes => source.Classes;

    public IEnumerable<string> Notes => source.Notes.Append(
        channels == 3 ? "grey images are shown in three equal channels" : "color images are shown in grey");

    public SourceErrors Errors => source.Errors;

    /// <summary>The images as they are where they fit, else adapted.</summary>
    /// <exception cref="UsageException">A stream of other channels.</exception>
    public static IImageSet For(IImageSet images, int channels) =>
        images.Channels == channels ? images
        : images is IImageSource source ? new ChannelAdapter(source, channels)
        : throw new UsageException(
            $"{images.Name} has images of {images.Channels} channels, the encoder takes {channels}; expected the same of shards.");

    public int? Label(int index) => source.Label(index);

    public string Locate(int index) => source.Locate(index);

    public void Read(int index, ImageBuffer into)
    {
        if (!buffers.TryTake(out ImageBuffer? read)) read = new ImageBuffer();
        source.Read(index, read);
        into.Resize(read.Width, read.Height, channels);
        ReadOnlySpan<byte> from = read.Pixels;
        Span<byte> to = into.Pixels;
        for (int i = 0; i < Math.Min(from.Length, to.Length); i++)
        {
            if (channels == 3) to.Slice(3 * i, 3).Fill(from[i]);
            // 19595 + 38470 + 7471 = 2¹⁶, as PIL rounds.
            else to[i] = (byte)(((from[3 * i] * 19595) + (from[(3 * i) + 1] * 38470) + (from[(3 * i) + 2] * 7471) + 0x8000) >> 16);
        }
        if (from.Length <= MostKept) buffers.Add(read);
    }
}
