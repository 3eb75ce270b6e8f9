using System.Drawing;

namespace ShowViews;

/// <summary>Reads images and makes their views, by the recipe itself and with its own random numbers.</summary>
internal sealed class ViewMaker(IImageSource folder, Request request)
{
    private readonly List<(string Step, string Drawn)> trace = [];
    private readonly AugmentationScratch scratch = new();

    /// <summary>As many images as were asked for and can be read, spread evenly over the folder. Where one can't be read the next one takes
    /// its place, up to the place of the next row.</summary>
    public IEnumerable<ShownImage> Make()
    {
        int wanted = Math.Min(request.Images, folder.Count);
        for (int row = 0; row < wanted; row++)
        {
            ImageBuffer image = new();
            int index = Place(row), end = Place(row + 1);
            while (index < end && !TryRead(index, image)) index++;
            if (index < end) yield return Show(index, image);
        }

        int Place(int row) => (int)((long)row * folder.Count / wanted);
    }

    private bool TryRead(int index, ImageBuffer into)
    {
        try
        {
            folder.Read(index, into);
            return true;
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            folder.Errors.Record(folder.Locate(index), error.Message);
            return false;
        }
    }

    private ShownImage Show(int index, ImageBuffer image)
    {
        ShownView[] views = [.. request.Views.Select((title, number) => View(index, image, title, number))];
        string? label = folder.Label(index) is int i ? folder.Classes[i] : null;
        return new ShownImage(Path.GetRelativePath(request.Folder, folder.Locate(index)), label, image, views);
    }

    private ShownView View(int index, ImageBuffer image, string title, int number)
    {
        // A pair is what an epoch of training draws: its number is the epoch, and its views are 0 and 1.
        SampleRandom Random() => new(request.Seed, number / 2, index, number % 2);
        SampleRandom random = Random();
        scratch.Trace = trace;
        trace.Clear();
        ImageBuffer pixels = new();
        pixels.CopyFrom(request.Recipe.Augment(image, scratch, ref random));

        // The crop is what a view draws first, so that drawing it again gives the same rectangle.
        random = Random();
        Rectangle? crop = request.Recipe.Steps is [RandomResizedCrop first, ..] ? first.Draw(image.Width, image.Height, ref random) : null;
        return new ShownView(title, pixels, [.. trace.Select(e => $"{e.Step} {e.Drawn}")], crop);
    }
}

/// <summary>An image with its views: a row of the sheet.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Pixels">As decoded, upright.</param>
internal sealed record ShownImage(string Name, string? Class, ImageBuffer Pixels, IReadOnlyList<ShownView> Views);

/// <summary>A view, before normalization.</summary>
/// <param name="Pixels">The view's bytes.</param>
/// <param name="Crop">The rectangle that it shows of its image; null where the recipe does not begin with a random one.</param>
internal sealed record ShownView(string Title, ImageBuffer Pixels, IReadOnlyList<string> Drawn, Rectangle? Crop);
