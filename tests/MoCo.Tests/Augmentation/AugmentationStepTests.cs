using MoCo.Augmentation;

namespace MoCo.Tests.Augmentation;

public sealed class AugmentationStepTests
{
    [Fact]
    public void Every_method_makes_the_step_of_its_name_of_what_it_was_given()
    {
        RandomResizedCrop crop = Made<RandomResizedCrop>(AugmentationStep.RandomResizedCrop(9, 0.1, 0.9, 0.5, 2));
        Assert.Equal((9, 0.1, 0.9), (crop.Size, crop.MinimumArea, crop.MaximumArea));
        Assert.Equal((0.5, 2), (crop.MinimumRatio, crop.MaximumRatio));
        Assert.Equal(10, Made<ResizeShorterSide>(AugmentationStep.ResizeShorterSide(10)).Size);
        Assert.Equal(11, Made<CenterCrop>(AugmentationStep.CenterCrop(11)).Size);
        ColorJitter jitter = Made<ColorJitter>(AugmentationStep.ColorJitter(0.1, 0.2, 0.3, 0.4, 0.5));
        Assert.Equal((0.1, 0.2, 0.3, 0.4), (jitter.Brightness, jitter.Contrast, jitter.Saturation, jitter.Hue));
        Assert.Equal(0.5, jitter.Probability);
        Assert.Equal(0.6, Made<RandomGrayscale>(AugmentationStep.RandomGrayscale(0.6)).Probability);
        Solarize solarize = Made<Solarize>(AugmentationStep.Solarize(77, 0.7));
        Assert.Equal((77, 0.7), (solarize.Threshold, solarize.Probability));
        GaussianBlur blur = Made<GaussianBlur>(AugmentationStep.GaussianBlur(0.8, 0.9, 1));
        Assert.Equal((0.8, 0.9, 1), (blur.MinimumSigma, blur.MaximumSigma, blur.Probability));
        Assert.Equal(0.25, Made<HorizontalFlip>(AugmentationStep.HorizontalFlip(0.25)).Probability);
    }

    [Fact]
    public void What_a_method_is_not_told_is_as_its_step_has_it()
    {
        RandomResizedCrop crop = Made<RandomResizedCrop>(AugmentationStep.RandomResizedCrop(9)), usual = new(9);
        Assert.Equal((usual.MinimumArea, usual.MaximumArea), (crop.MinimumArea, crop.MaximumArea));
        Assert.Equal((usual.MinimumRatio, usual.MaximumRatio), (crop.MinimumRatio, crop.MaximumRatio));
        Assert.Equal(1, Made<ColorJitter>(AugmentationStep.ColorJitter(0.1, 0.2, 0.3, 0.4)).Probability);
        Assert.Equal(0.2, Made<RandomGrayscale>(AugmentationStep.RandomGrayscale()).Probability);
        Solarize solarize = Made<Solarize>(AugmentationStep.Solarize());
        Assert.Equal((128, 0.2), (solarize.Threshold, solarize.Probability));
        GaussianBlur blur = Made<GaussianBlur>(AugmentationStep.GaussianBlur());
        Assert.Equal((0.1, 2, 0.5), (blur.MinimumSigma, blur.MaximumSigma, blur.Probability));
        Assert.Equal(0.5, Made<HorizontalFlip>(AugmentationStep.HorizontalFlip()).Probability);
    }

    private static TStep Made<TStep>(AugmentationStep step) where TStep : AugmentationStep
    {
        Assert.Equal(typeof(TStep).Name, step.Name);
        return Assert.IsType<TStep>(step);
    }
}
