namespace MoCo.Augmentation;

/// <content>The recipes that have names.</content>
public sealed partial class AugmentationRecipe
{
    /// <summary>MoCo v1's views of photographs: RandomResizedCrop, grey with 0.2, color jitter of 0.4 always, flip (He et al., "Momentum
    /// Contrast…", CVPR 2020, section 3.3).</summary>
    /// <param name="size">Width and height of a view; the paper's is 224.</param>
    /// <param name="normalization">Null: <see cref="Normalize.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe V1(int size = 224, Normalize? normalization = null) => new(
        size,
        [new RandomResizedCrop(size, 0.2), new RandomGrayscale(0.2), new ColorJitter(0.4, 0.4, 0.4, 0.4), new HorizontalFlip(0.5)],
        normalization ?? Normalize.ImageNet);

    /// <summary>MoCo v2's views of photographs ("aug+"): RandomResizedCrop, color jitter with 0.8, grey with 0.2, blur with 0.5, flip (Chen
    /// et al., "Improved Baselines with Momentum Contrastive Learning", 2020).</summary>
    /// <param name="size">Width and height of a view; the paper's is 224.</param>
    /// <param name="normalization">Null: <see cref="Normalize.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe V2(int size = 224, Normalize? normalization = null) => new(
        size,
        [
            new RandomResizedCrop(size, 0.2), new ColorJitter(0.4, 0.4, 0.4, 0.1, 0.8), new RandomGrayscale(0.2),
            new GaussianBlur(0.1, 2, 0.5), new HorizontalFlip(0.5),
        ],
        normalization ?? Normalize.ImageNet);

    /// <summary>Views of small color photographs, as in the official CIFAR-10 notebook: RandomResizedCrop from 0.08 of the area, flip,
    /// color jitter with 0.8, grey with 0.2; no blur.</summary>
    /// <param name="size">Width and height of a view.</param>
    /// <param name="normalization">Null: <see cref="Normalize.Cifar10"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe Cifar(int size = 32, Normalize? normalization = null) => new(
        size,
        [new RandomResizedCrop(size, 0.08), new HorizontalFlip(0.5), new ColorJitter(0.4, 0.4, 0.4, 0.1, 0.8), new RandomGrayscale(0.2)],
        normalization ?? Normalize.Cifar10);

    /// <summary>What a linear classifier is trained on: RandomResizedCrop from 0.08 of the area and flip.</summary>
    /// <param name="size">Width and height of a view; the paper's is 224.</param>
    /// <param name="normalization">The statistics that the encoder was trained with; null: <see cref="Normalize.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe LinearTraining(int size = 224, Normalize? normalization = null) =>
        new(size, [new RandomResizedCrop(size, 0.08), new HorizontalFlip(0.5)], normalization ?? Normalize.ImageNet);

    /// <summary>Training views of grey images: RandomResizedCrop, brightness and contrast in random order, flip. What v2's augmentation
    /// leaves of itself without color.</summary>
    /// <param name="size">Width and height of a view.</param>
    /// <param name="minimumArea">The smallest share of the image that a crop keeps.</param>
    /// <param name="brightness">Strength of the brightness change.</param>
    /// <param name="contrast">Strength of the contrast change.</param>
    /// <param name="jitterProbability">How often brightness and contrast change.</param>
    /// <param name="flipProbability">How often a view is mirrored; 0 for images whose sides matter, such as digits.</param>
    /// <param name="normalization">Null: <see cref="Normalize.HalfRange"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationRecipe Grey(
        int size, double minimumArea = 0.2, double brightness = 0.4, double contrast = 0.4, double jitterProbability = 0.8,
        double flipProbability = 0.5, Normalize? normalization = null) => new(
        size,
        [
            new RandomResizedCrop(size, minimumArea), new BrightnessContrast(brightness, contrast, jitterProbability),
            new HorizontalFlip(flipProbability),
        ],
        normalization ?? Normalize.HalfRange);

    /// <summary>The same view every time: the shorter side resized, the middle cut, normalised. As is usual, images above 64 pixels are
    /// resized to 8⁄7 of the size first (256 for 224), small ones to the size itself.</summary>
    /// <param name="size">Width and height of the view.</param>
    /// <param name="normalization">The statistics that the encoder was trained with, for example <see cref="Normalize.ImageNet"/>; null:
    /// <see cref="Normalize.HalfRange"/>, for images of any number of channels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe Evaluation(int size, Normalize? normalization = null)
    {
        Require.Size(size);
        ResizeShorterSide resize = new(size <= 64 ? size : size * 8 / 7);
        return new AugmentationRecipe(size, [resize, new CenterCrop(size)], normalization ?? Normalize.HalfRange);
    }
}
