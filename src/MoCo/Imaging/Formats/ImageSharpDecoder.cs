using System.Runtime.CompilerServices;
using MoCo.Imaging.Orientation;
using MoCo.Imaging.Tiff;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Tga;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;
using SharpDecoder = SixLabors.ImageSharp.Formats.IImageDecoder;

namespace MoCo.Imaging.Formats;

/// <summary>Decodes TIFF and TGA by ImageSharp 2.1, behind checks of its own.</summary>
internal sealed class ImageSharpDecoder(PixelLimit limit)
{
    // Four samples of 16 bits.
    private const int MostBytesPerPixel = 8;

    private const int PoolMegabytes = 64;

    // An object, so that ImageSharp is not loaded before the first TIFF or TGA.
    private object? configuration;

    internal void Decode(ReadOnlySpan<byte> file, ImageFormat format, ImageBuffer into)
    {
        bool isInverted = false;
        if (format == ImageFormat.Tiff) isInverted = TiffPage.Open(file, limit).IsInverted;
        else TgaFile.Check(file, limit);
        try
        {
            Load(file, format, format == ImageFormat.Tiff ? ExifOrientation.Read(file) : ExifOrientation.Upright, into);
        }
        catch (Exception cause) when (cause is MissingMemberException or TypeLoadException or FileNotFoundException or FileLoadException)
        {
            const string Needed = "TIFF and TGA files need SixLabors.ImageSharp 2.1; this application brings another version, or none";
            throw new NotSupportedException($"{Needed}: {cause.Message}", cause);
        }
        catch (Exception cause) when (cause is not (InvalidDataException or OutOfMemoryException))
        {
            // A damaged file can trip the decoder in any way; to the caller all of them mean the same.
            throw new InvalidDataException($"The {format.ToString().ToUpperInvariant()} cannot be decoded: {cause.Message}", cause);
        }
        if (isInverted)
            foreach (ref byte value in into.Pixels) value = (byte)~value;
    }

    // By itself, so that a version of ImageSharp that lacks these members fails in the call and not in the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Load(ReadOnlySpan<byte> file, ImageFormat format, int orientation, ImageBuffer into)
    {
        Configuration settings = (Configuration)(configuration ??= Configure());
        SharpDecoder decoder = format == ImageFormat.Tiff
            ? new TiffDecoder { DecodingMode = FrameDecodingMode.First, IgnoreMetadata = true }
            : new TgaDecoder();
        using Image<Rgb24> image = Image.Load<Rgb24>(settings, file, decoder);
        limit.Check(image.Width, image.Height);
        if (orientation == ExifOrientation.Upright)
        {
            into.Resize(image.Width, image.Height, 3);
            image.CopyPixelDataTo(into.Pixels);
            return;
        }
        using PixelScratch asInFile = new(image.Width * image.Height * 3);
        image.CopyPixelDataTo(asInFile.Pixels);
        Turn.Apply(asInFile.Pixels, image.Width, image.Height, orientation, into);
    }

    private Configuration Configure()
    {
        int megabytes = (int)Math.Max(1, limit.MaximumPixels * MostBytesPerPixel >> 20);
        MemoryAllocatorOptions memory = new() { AllocationLimitMegabytes = megabytes, MaximumPoolSizeMegabytes = PoolMegabytes };
        return new() { MemoryAllocator = MemoryAllocator.Create(memory) };
    }
}
