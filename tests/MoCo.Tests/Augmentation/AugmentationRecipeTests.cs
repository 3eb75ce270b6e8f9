using System.Drawing;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class AugmentationRecipeTests
{
    private readonly AugmentationScratch scratch = new();

    [Fact]
    public void A_view_depends_on_seed_epoch_image_and_view_alone_and_leaves_the_image_as_it_is()
    {
        ImageBuffer image = Images.Noise(28, 28, 1);
        byte[] before = image.Pixels.ToArray();
        AugmentationRecipe recipe = AugmentationRecipe.Grey(24);

        float[] first = View(recipe, image, 0);
        float[] other = View(recipe, image, 1);
        float[] again = View(recipe, image, 0);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(before, image.Pixels.ToArray());
    }

    [Fact]
    public void The_evaluation_view_of_an_image_of_its_size_is_the_image()
    {
        ImageBuffer image = Images.Noise(28, 28, 1);

        float[] view = View(AugmentationRecipe.Evaluation(28, Normalize.UnitRange), image, 0);

        Assert.Equal(image.Pixels.ToArray().Select(value => value / 255f), view);
        Assert.Equal(view, View(AugmentationRecipe.Grey(28, normalization: Normalize.UnitRange).ForEvaluation(), image, 1));
    }

    [Fact]
    public void The_evaluation_view_of_a_photograph_resizes_to_256_and_cuts_224()
    {
        AugmentationRecipe recipe = AugmentationRecipe.Evaluation(224);

        Assert.Equal(256, Assert.IsType<ResizeShorterSide>(recipe.Steps[0]).Size);
        Assert.Equal(224, Assert.IsType<CenterCrop>(recipe.Steps[1]).Size);
    }

    [Fact]
    public void The_rectangle_that_a_view_shows_is_told_without_the_view()
    {
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch traced = new() { Trace = trace };
        ImageBuffer image = Images.Noise(40, 30, 3);
        for (int view = 0; view < 5; view++)
        {
            SampleRandom random = new(1, 2, 3, view);
            Rectangle crop = AugmentationRecipe.V1(16).Crop(40, 30, random)!.Value;
            trace.Clear();
            AugmentationRecipe.V1(16).Augment(image, traced, ref random);
            Assert.Equal(("RandomResizedCrop", $"{crop.Width}×{crop.Height} at ({crop.X}, {crop.Y})"), trace[0]);
        }
        Assert.Null(AugmentationRecipe.Evaluation(16).Crop(40, 30, default));
    }

    [Fact]
    public void An_own_step_takes_part()
    {
        AugmentationRecipe recipe = AugmentationRecipe.Evaluation(8, Normalize.UnitRange).Then(new Invert());
        ImageBuffer image = Images.Noise(8, 8, 3);

        Assert.Equal(image.Pixels.ToArray().Select(value => (255 - value) / 255f), View(recipe, image, 0));
    }

    [Fact]
    public void Steps_that_leave_another_size_are_an_error()
    {
        AugmentationRecipe recipe = new(8, [new CenterCrop(7)], Normalize.HalfRange);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => View(recipe, Images.Noise(9, 9, 1), 0));
        Assert.Equal("The recipe promises views of 8×8, its steps left one of 7×7.", error.Message);
    }

    [Fact]
    public void Errors_of_a_recipe_are_named()
    {
        Assert.Equal(
            "outputSize", Assert.Throws<ArgumentOutOfRangeException>(() => new AugmentationRecipe(0, [], Normalize.HalfRange)).ParamName);
        Assert.Equal("steps", Assert.Throws<ArgumentException>(() => new AugmentationRecipe(8, [null!], Normalize.HalfRange)).ParamName);
        Assert.Equal("normalization", Assert.Throws<ArgumentNullException>(() => new AugmentationRecipe(8, [], null!)).ParamName);
        Assert.Equal(
            "minimumArea", Assert.Throws<ArgumentOutOfRangeException>(() => AugmentationRecipe.Grey(28, minimumArea: 2)).ParamName);
    }

    [Theory]
    [InlineData(1, 28)]
    [InlineData(3, 60)]
    public void A_warm_worker_allocates_nothing(int channels, int side)
    {
        AugmentationRecipe recipe = AugmentationRecipe.Grey(28);
        ImageBuffer image = Images.Noise(side, side, channels);
        float[] view = new float[28 * 28 * channels];
        Make(500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Make(500);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);

        void Make(int count)
        {
            for (int i = 0; i < count; i++)
            {
                SampleRandom random = new(0, 0, i, 0);
                recipe.Apply(image, view, scratch, ref random);
            }
        }
    }

    private float[] View(AugmentationRecipe recipe, ImageBuffer image, int view)
    {
        float[] result = new float[recipe.OutputSize * recipe.OutputSize * image.Channels];
        SampleRandom random = new(1, 2, 3, view);
        recipe.Apply(image, result, scratch, ref random);
        return result;
    }

    private sealed class Invert : AugmentationStep
    {
        public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
        {
            foreach (ref byte value in image.Pixels) value = (byte)(255 - value);
        }
    }
}
