using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

/// <summary>The papers' recipes: their steps, in their order, with their parameters.</summary>
public sealed class NamedRecipeTests
{
    [Fact]
    public void V1_is_crop_grey_jitter_flip()
    {
        AugmentationRecipe recipe = AugmentationRecipe.V1(224);

        Assert.Equal(["RandomResizedCrop", "RandomGrayscale", "ColorJitter", "HorizontalFlip"], Names(recipe));
        Crop(recipe, 224, 0.2);
        Assert.Equal(0.2, Step<RandomGrayscale>(recipe).Probability);
        Jitter(recipe, hue: 0.4, probability: 1);
        Assert.Same(Normalize.ImageNet, recipe.Normalization);
    }

    [Fact]
    public void V2_is_crop_jitter_grey_blur_flip()
    {
        AugmentationRecipe recipe = AugmentationRecipe.V2(224);

        Assert.Equal(["RandomResizedCrop", "ColorJitter", "RandomGrayscale", "GaussianBlur", "HorizontalFlip"], Names(recipe));
        Crop(recipe, 224, 0.2);
        Jitter(recipe, hue: 0.1, probability: 0.8);
        Assert.Equal(0.2, Step<RandomGrayscale>(recipe).Probability);
        GaussianBlur blur = Step<GaussianBlur>(recipe);
        Assert.Equal((0.1, 2, 0.5), (blur.MinimumSigma, blur.MaximumSigma, blur.Probability));
        Assert.Same(Normalize.ImageNet, recipe.Normalization);
    }

    [Fact]
    public void Cifar_is_crop_flip_jitter_grey_at_32()
    {
        AugmentationRecipe recipe = AugmentationRecipe.Cifar();

        Assert.Equal(["RandomResizedCrop", "HorizontalFlip", "ColorJitter", "RandomGrayscale"], Names(recipe));
        Crop(recipe, 32, 0.08);
        Jitter(recipe, hue: 0.1, probability: 0.8);
        Assert.Same(Normalize.Cifar10, recipe.Normalization);
    }

    [Fact]
    public void LinearTraining_is_crop_and_flip()
    {
        AugmentationRecipe recipe = AugmentationRecipe.LinearTraining(224);

        Assert.Equal(["RandomResizedCrop", "HorizontalFlip"], Names(recipe));
        Crop(recipe, 224, 0.08);
        Assert.Same(Normalize.ImageNet, recipe.Normalization);
    }

    [Fact]
    public void Evaluation_keeps_size_and_statistics_of_the_training_views()
    {
        AugmentationRecipe[] recipes =
            [AugmentationRecipe.V1(96), AugmentationRecipe.V2(224), AugmentationRecipe.Cifar(), AugmentationRecipe.LinearTraining(224)];
        foreach (AugmentationRecipe recipe in recipes)
        {
            Assert.Equal(0.5, Step<HorizontalFlip>(recipe).Probability);
            AugmentationRecipe evaluation = recipe.ForEvaluation();
            Assert.Equal(recipe.OutputSize, evaluation.OutputSize);
            Assert.Same(recipe.Normalization, evaluation.Normalization);
        }
    }

    [Fact]
    public void Color_recipes_refuse_grey_images_unless_given_their_statistics()
    {
        Assert.Equal(3, AugmentationRecipe.V2(224).Channels);
        Assert.Null(AugmentationRecipe.V2(224, Normalize.HalfRange).Channels);
    }

    [Fact]
    public void A_warm_worker_allocates_nothing()
    {
        AugmentationRecipe recipe = AugmentationRecipe.V2(32).Then(new Solarize());
        AugmentationScratch scratch = new();
        ImageBuffer image = Images.Noise(50, 37, 3);
        float[] view = new float[32 * 32 * 3];
        Make(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Make(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Make(int count)
        {
            for (int i = 0; i < count; i++)
            {
                SampleRandom random = new(0, 0, i, 0);
                recipe.Apply(image, view, scratch, ref random);
            }
        }
    }

    private static IEnumerable<string> Names(AugmentationRecipe recipe) => recipe.Steps.Select(step => step.GetType().Name);

    private static TStep Step<TStep>(AugmentationRecipe recipe) => Assert.Single(recipe.Steps.OfType<TStep>());

    private static void Crop(AugmentationRecipe recipe, int size, double minimumArea)
    {
        RandomResizedCrop crop = Step<RandomResizedCrop>(recipe);
        Assert.Equal(
            (size, minimumArea, 1, 3.0 / 4, 4.0 / 3),
            (crop.Size, crop.MinimumArea, crop.MaximumArea, crop.MinimumRatio, crop.MaximumRatio));
    }

    private static void Jitter(AugmentationRecipe recipe, double hue, double probability)
    {
        ColorJitter jitter = Step<ColorJitter>(recipe);
        Assert.Equal(
            (0.4, 0.4, 0.4, hue, probability), (jitter.Brightness, jitter.Contrast, jitter.Saturation, jitter.Hue, jitter.Probability));
    }
}
