using System.Drawing;

namespace ShowViews;

/// <summary>Reads images and makes their views, by the recipe itself and with its own random numbers.</summary>
internal sealed class ViewMaker(IImageSource folder, Request request)
{
    // Twice the largest view.
    private const int LeastLongerSide = 2048;

    private readonly List<(string Step, string Drawn)> trace = [];
    private readonly AugmentationScratch scratch = new();
    private readonly ImageBuffer image = new();

    /// <summary>As many images as were asked for and can be read, spread evenly over the folder. Where one can't be read the next one takes
    /// its place, up to the place of the next row.</summary>
    public IEnumerable<ShownImage> Make()
    {
        int wanted = Math.Min(request.Images, folder.Count);
        for (int row = 0; row < wanted; row++)
        {
            int index = Place(row), end = Place(row + 1);
            while (index < end && !TryRead(index)) index++;
            if (index < end) yield return Show(index);
        }

        int Place(int row) => (int)((long)row * folder.Count / wanted);
    }

    private bool TryRead(int index)
    {
        try
        {
            folder.Read(index, image);
            return true;
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            folder.Errors.Record(folder.Locate(index), error.Message);
            return false;
        }
    }

    private ShownImage Show(int index)
    {
        ShownView[] views = [.. request.Views.Select(view => View(index, view))];
        string? label = folder.Label(index) is int i ? folder.Classes[i] : null;
        // What the sheet shows of it, not the whole of a large image.
        ImageBuffer kept = new();
        if (!Thumbnails.Reduce(image, LeastLongerSide, kept)) kept.CopyFrom(image);
        string name = Path.GetRelativePath(request.Place, folder.Locate(index));
        return new ShownImage(name, label, (image.Width, image.Height), kept, views);
    }

    private ShownView View(int index, AskedView view)
    {
        SampleRandom Random() => new(request.Seed, view.Epoch, index, view.Number);
        SampleRandom random = Random();
        scratch.Trace = trace;
        trace.Clear();
        ImageBuffer pixels = new();
        pixels.CopyFrom(view.Recipe.Augment(image, scratch, ref random));
        Rectangle? crop = view.Recipe.Crop(image.Width, image.Height, Random());
        return new ShownView(view.Title, pixels, [.. trace.Select(e => $"{e.Step} {e.Drawn}")], crop);
    }
}

/// <summary>An image with its views: a row of the sheet.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Size">As decoded, upright.</param>
/// <param name="Pixels">The whole of it, a large image made smaller.</param>
internal sealed record ShownImage(
    string Name, string? Class, (int Width, int Height) Size, ImageBuffer Pixels, IReadOnlyList<ShownView> Views);

/// <summary>A view, before normalization.</summary>
/// <param name="Pixels">The view's bytes.</param>
/// <param name="Crop">The rectangle that it shows of its image; null where the recipe does not begin with a random one.</param>
internal sealed record ShownView(string Title, ImageBuffer Pixels, IReadOnlyList<string> Drawn, Rectangle? Crop);
