using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Reporting;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Pretrain;

/// <summary>A small copy of an image, for a page.</summary>
internal static class Thumbnail
{
    private const int Side = 48;

    private static readonly AugmentationRecipe Square = new(Side, [new ResizeShorterSide(Side), new CenterCrop(Side)], Normalize.HalfRange);

    /// <summary>The image's name, class and thumbnail; without the last where it can't be read.</summary>
    public static ReportImage Of(IImageSource source, int index)
    {
        string place = source.Locate(index);
        string name = File.Exists(place) ? Path.GetFileName(place) : $"image {index}";
        string? label = source.Label(index) is int number ? source.Classes[number] : null;
        try
        {
            var image = new ImageBuffer();
            source.Read(index, image);
            SampleRandom random = new(0, 0, index, 0);
            ImageBuffer small = Square.Augment(image, new AugmentationScratch(), ref random);
            return new ReportImage(name, label, Png(small));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new ReportImage(name, label, default);
        }
    }

    private static byte[] Png(ImageBuffer pixels)
    {
        byte[] colors = pixels.Channels == 3 ? pixels.Pixels.ToArray() : [.. pixels.Pixels.ToArray().SelectMany(grey => new[] { grey, grey, grey })];
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(colors, pixels.Width, pixels.Height);
        using var stream = new MemoryStream();
        image.SaveAsPng(stream);
        return stream.ToArray();
    }
}
