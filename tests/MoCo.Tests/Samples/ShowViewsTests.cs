using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Tests.Samples.Pretraining;
using Pretrain;

namespace MoCo.Tests.Samples;

public sealed class ShowViewsTests : IDisposable
{
    // How the sheet enlarges views of 16 pixels, and where it has them.
    private const int Zoom = 12, Cell = 16 * Zoom, Margin = 20, Column = 264 + 12;

    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [InlineData("--key-views", "v3", "--small-views", "2", "--seed", "5")]
    [InlineData("--views", "v3", "--min-area", "0.5", "--flip", "1", "--seed", "5")]
    public void The_sheet_of_grey_images_has_the_views_that_pretrain_makes_with_the_same_flags(params string[] flags)
    {
        string png = small.File("views.png");
        Programs.Call("ShowViews", 0, [small.Data, .. flags, "--images", "1", "--pairs", "1", "--out", png]);

        DataSet data = DataSet.Open(SmallRun.Asked(["--out", "none", "--data", small.Data, "--knn-every", "0", .. flags]).Plan);
        ImageBuffer sheet = new(), image = new();
        ImageDecoder.Default.Decode(File.ReadAllBytes(png), sheet);
        ((IImageSource)data.Train).Read(0, image);
        int[] tops = [.. Enumerable.Range(0, sheet.Height - Cell)];
        for (int number = 0; number < data.Views.All.Count; number++)
        {
            SampleRandom random = new(5, 0, 0, number);
            ImageBuffer view = data.Views.All[number].Augment(image, new AugmentationScratch(), ref random);
            int left = Margin + ((number + 1) * Column);
            tops = [.. tops.Where(top => IsAt(view, left, top + Cell - (view.Height * Zoom)))];
        }
        Assert.Equal(Enumerable.Range(tops.FirstOrDefault(), Zoom), tops); // within a pixel, which is enlarged

        bool IsAt(ImageBuffer view, int left, int top)
        {
            for (int y = 0; y < view.Height; y++)
                for (int x = 0; x < view.Width; x++)
                    if (sheet.Row(top + (y * Zoom) + 1)[3 * (left + (x * Zoom) + 1)] != view.Row(y)[x]) return false;
            return true;
        }
    }

    [Theory]
    [InlineData("for images of 3 channels, and ", "--views", "v2")]
    [InlineData("--small-views goes with pairs of views, and --preset linear has none; expected it without.",
        "--preset", "linear", "--small-views", "2")]
    [InlineData("--small-size has no effect, since there are no small views; expected --small-views N too.", "--small-size", "8")]
    public void What_pretrain_would_not_train_on_is_refused(string message, params string[] flags) =>
        Assert.Contains(message, Programs.Call("ShowViews", 2, [small.Data, .. flags]), StringComparison.Ordinal);

    [Fact]
    public void The_recipes_that_are_not_training_s_are_drawn_of_grey_images_too()
    {
        foreach (string recipe in (string[])["linear", "evaluation"])
            Programs.Call("ShowViews", 0, small.Data, "--recipe", recipe, "--size", "16", "--out", small.File("views.png"));
    }
}
