using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading.Pipeline;

namespace ShowViews;

/// <summary>Reads pictures and makes their views, by the recipe itself and with its own random numbers.</summary>
internal sealed class ViewMaker(ImageFolder folder, Request request)
{
    private readonly AugmentationScratch scratch = new() { Trace = new ViewTrace() };

    /// <summary>As many pictures as were asked for and can be read, spread evenly over the folder.</summary>
    public IReadOnlyList<ShownPicture> Make()
    {
        int wanted = Math.Min(request.Pictures, folder.Count);
        List<ShownPicture> pictures = [];
        for (int i = 0; i < wanted; i++)
        {
            int first = (int)((long)i * folder.Count / wanted), end = (int)((long)(i + 1) * folder.Count / wanted);
            var picture = new ImageBuffer();
            int index = FirstReadable(first, end, picture);
            if (index >= 0) pictures.Add(Show(index, picture));
        }
        return pictures;
    }

    /// <summary>Where a picture cannot be read the next one takes its place, up to the place of the next row; −1: there is none.</summary>
    private int FirstReadable(int first, int end, ImageBuffer into)
    {
        for (int index = first; index < end; index++)
        {
            try
            {
                folder.Read(index, into);
                return index;
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException)
            {
                folder.Faults.Record(Locate(index), fault.Message);
            }
        }
        return -1;
    }

    private ShownPicture Show(int index, ImageBuffer picture)
    {
        ShownView[] views = [.. request.Views.Select((title, number) => View(index, picture, title, number))];
        string? label = folder.Label(index) is int i ? folder.Classes[i] : null;
        return new ShownPicture(Path.GetRelativePath(request.Folder, Locate(index)), label, picture, views);
    }

    private ShownView View(int index, ImageBuffer picture, string title, int number)
    {
        // A pair is what an epoch of training draws: its number is the epoch, and its views are 0 and 1.
        SampleRandom Random() => new(request.Seed, number / 2, index, number % 2);
        SampleRandom random = Random();
        scratch.Trace!.Clear();
        var pixels = new ImageBuffer();
        pixels.CopyFrom(request.Recipe.Augment(picture, scratch, ref random));

        // The crop is what a view draws first, so that drawing it again gives the same rectangle.
        random = Random();
        CropBox? crop = request.Recipe.Steps is [RandomResizedCrop first, ..] ? first.Draw(picture.Width, picture.Height, ref random) : null;
        return new ShownView(title, pixels, [.. scratch.Trace.Entries.Select(e => $"{e.Step} {e.Drawn}")], crop);
    }

    private string Locate(int index) => ((IImageSource)folder).Locate(index);
}
