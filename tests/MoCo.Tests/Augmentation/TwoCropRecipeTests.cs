using MoCo.Augmentation;

namespace MoCo.Tests.Augmentation;

public sealed class TwoCropRecipeTests
{
    [Fact]
    public void V3_is_the_official_code_s_pair()
    {
        // facebookresearch/moco-v3, main_moco.py: augmentation1 and augmentation2; --crop-min=.2 in CONFIG.md for ResNet-50, 0.08 as it is
        TwoCropRecipe recipe = TwoCropRecipe.V3();
        Assert.Equal(["RandomResizedCrop", "ColorJitter", "RandomGrayscale", "GaussianBlur", "HorizontalFlip"], Names(recipe.Query));
        Assert.Equal(["RandomResizedCrop", "ColorJitter", "RandomGrayscale", "GaussianBlur", "Solarize", "HorizontalFlip"],
            Names(recipe.Key));
        foreach ((AugmentationRecipe view, double blurred) in new[] { (recipe.Query, 1.0), (recipe.Key, 0.1) })
        {
            RandomResizedCrop crop = Step<RandomResizedCrop>(view);
            Assert.Equal((224, 0.2, 1), (crop.Size, crop.MinimumArea, crop.MaximumArea));
            ColorJitter jitter = Step<ColorJitter>(view);
            Assert.Equal((0.4, 0.4, 0.2, 0.1, 0.8),
                (jitter.Brightness, jitter.Contrast, jitter.Saturation, jitter.Hue, jitter.Probability));
            Assert.Equal(0.2, Step<RandomGrayscale>(view).Probability);
            GaussianBlur blur = Step<GaussianBlur>(view);
            Assert.Equal((0.1, 2, blurred), (blur.MinimumSigma, blur.MaximumSigma, blur.Probability));
            Assert.Equal(0.5, Step<HorizontalFlip>(view).Probability);
            Assert.Same(Normalize.ImageNet, view.Normalization);
        }
        Solarize solarize = Step<Solarize>(recipe.Key);
        Assert.Equal((128, 0.2), (solarize.Threshold, solarize.Probability));
        Assert.Equal(0.08, Step<RandomResizedCrop>(TwoCropRecipe.V3(96, 0.08).Key).MinimumArea);
        Assert.Equal(["RandomResizedCrop", "BrightnessContrast", "GaussianBlur", "Solarize", "HorizontalFlip"],
            Names(TwoCropRecipe.GreyV3(28).Key));
    }

    [Fact]
    public void One_recipe_makes_both_views_and_two_make_one_each_of_the_same_size()
    {
        AugmentationRecipe recipe = AugmentationRecipe.V2(96);
        TwoCropRecipe one = new(recipe);
        Assert.Same(one.Query, one.Key);
        Assert.Equal([recipe, recipe], one.All);
        Assert.Contains("The key's views are of 64 pixels; expected 96",
            Assert.Throws<ArgumentException>(() => new TwoCropRecipe(recipe, AugmentationRecipe.V1(64))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Small_views_are_the_query_s_with_another_crop_SwAV_s_by_default()
    {
        TwoCropRecipe recipe = TwoCropRecipe.V3().WithSmallViews(6);
        Assert.Equal(8, recipe.All.Count);
        RandomResizedCrop crop = Step<RandomResizedCrop>(recipe.Small!);
        // facebookresearch/swav, README: --nmb_crops 2 6 --size_crops 224 96 --min_scale_crops 0.14 0.05 --max_scale_crops 1. 0.14
        Assert.Equal((96, 96, 0.05, 0.14), (recipe.Small!.OutputSize, crop.Size, crop.MinimumArea, crop.MaximumArea));
        Assert.Equal(recipe.Query.Steps.Skip(1), recipe.Small.Steps.Skip(1));
        Assert.Same(recipe.Query.Normalization, recipe.Small.Normalization);
        TwoCropRecipe none = recipe.WithSmallViews(0);
        Assert.Equal((null, 0, 2), (none.Small, none.SmallViews, none.All.Count));

        Assert.StartsWith("expected 0 to 64 small views",
            Assert.Throws<ArgumentOutOfRangeException>(() => recipe.WithSmallViews(65)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => recipe.WithSmallViews(2, 96, 0.2, 0.1));
        Assert.StartsWith("The query's recipe does not begin with a RandomResizedCrop",
            Assert.Throws<ArgumentException>(() => new TwoCropRecipe(AugmentationRecipe.Evaluation(32)).WithSmallViews(1, 8)).Message,
            StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(AugmentationRecipe recipe) => recipe.Steps.Select(step => step.GetType().Name);

    private static TStep Step<TStep>(AugmentationRecipe recipe) => Assert.Single(recipe.Steps.OfType<TStep>());
}
