namespace MoCo.Augmentation;

/// <summary>The views that training has of each image: one for the query and one for the key, made by the same recipe or by two, and
/// beside them any number of small ones as further queries (multi-crop; Caron et al., "Unsupervised Learning of Visual Features by
/// Contrasting Cluster Assignments", 2020, section 3.2). Immutable, shared by all workers.</summary>
public sealed class TwoCropRecipe
{
    private const int MostSmallViews = 64;

    /// <summary>Joins two recipes.</summary>
    /// <param name="query">From image to the first view, x_q.</param>
    /// <param name="key">From image to the second view, x_k; null: the same as <paramref name="query"/>.</param>
    /// <exception cref="ArgumentException">The two make views of different sizes.</exception>
    public TwoCropRecipe(AugmentationRecipe query, AugmentationRecipe? key = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        (Query, Key) = (query, key ?? query);
        if (Key.OutputSize != query.OutputSize)
            throw new ArgumentException(Invariant($"The key's views are of {Key.OutputSize} pixels; expected {query.OutputSize} as the ")
                + "query's: both pass through both encoders.", nameof(key));
    }

    /// <summary>From image to the first view, x_q.</summary>
    public AugmentationRecipe Query { get; }

    /// <summary>From image to the second view, x_k.</summary>
    public AugmentationRecipe Key { get; }

    /// <summary>From image to a small view; null where there are none.</summary>
    public AugmentationRecipe? Small { get; private init; }

    /// <summary>Small views of each image.</summary>
    public int SmallViews { get; private init; }

    /// <summary>All views of an image, in their order: the query's, the key's, the small ones.</summary>
    internal IReadOnlyList<AugmentationRecipe> All => [Query, Key, .. Enumerable.Repeat(Small!, SmallViews)];

    /// <summary>The same with small views, made as the query's but for the crop: small crops of small parts of an image. The defaults are
    /// SwAV's for photographs, whose large views show 0.14 of an image or more. Such crops of images of 32 pixels show next to nothing:
    /// PAWS (Assran et al. 2021, official code) has 18 pixels of 0.3 to 0.75 of an image there.</summary>
    /// <param name="count">Small views of each image, 0–64; 6 in SwAV.</param>
    /// <param name="size">Their width and height.</param>
    /// <param name="minimumArea">The smallest share of the image that they show.</param>
    /// <param name="maximumArea">The largest share.</param>
    /// <exception cref="ArgumentException">A parameter out of its range, or the query's recipe does not begin with a
    /// <see cref="AugmentationStep.RandomResizedCrop"/>.</exception>
    public TwoCropRecipe WithSmallViews(int count, int size = 96, double minimumArea = 0.05, double maximumArea = 0.14)
    {
        if (Query.Steps is not [RandomResizedCrop large, ..])
            throw new ArgumentException($"The query's recipe does not begin with a {nameof(RandomResizedCrop)}, which small views have in "
                + "another size; expected one that does, or a recipe for the small views.", nameof(count));
        RandomResizedCrop crop = new(size, minimumArea, maximumArea, large.MinimumRatio, large.MaximumRatio);
        return WithSmallViews(count, new AugmentationRecipe(size, Query.Steps.SetItem(0, crop), Query.Normalization));
    }

    /// <summary>The same with small views of a recipe of their own.</summary>
    /// <param name="count">Small views of each image, 0–64.</param>
    /// <param name="recipe">From image to a small view.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    public TwoCropRecipe WithSmallViews(int count, AugmentationRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (count is < 0 or > MostSmallViews)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"expected 0 to {MostSmallViews} small views.");
        return new TwoCropRecipe(Query, Key) { Small = count == 0 ? null : recipe, SmallViews = count };
    }

    /// <summary>MoCo v3's views of photographs, which are BYOL's with another smallest crop: the first is always blurred, the second
    /// with 0.1, and with 0.2 it is solarized (Chen, Xie and He 2021, <c>main_moco.py</c>; Grill et al., "Bootstrap Your Own Latent", 2020,
    /// Table 6).</summary>
    /// <param name="size">Width and height of a view; the papers' is 224.</param>
    /// <param name="minimumArea">The smallest share of the image that a crop keeps: 0.2 for v3's ResNets, 0.08 for its vision transformers
    /// and for BYOL.</param>
    /// <param name="normalization">Null: <see cref="Normalize.ImageNet"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static TwoCropRecipe V3(int size = 224, double minimumArea = 0.2, Normalize? normalization = null) => Unlike(
        size, minimumArea, normalization ?? Normalize.ImageNet, new ColorJitter(0.4, 0.4, 0.2, 0.1, 0.8), new RandomGrayscale(0.2));

    /// <summary>What these leave of themselves on grey images: brightness and contrast change in the place of the colors.</summary>
    /// <param name="size">Width and height of a view.</param>
    /// <param name="minimumArea">The smallest share of the image that a crop keeps.</param>
    /// <param name="normalization">Null: <see cref="Normalize.HalfRange"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static TwoCropRecipe GreyV3(int size, double minimumArea = 0.2, Normalize? normalization = null) => Unlike(
        size, minimumArea, normalization ?? Normalize.HalfRange, new BrightnessContrast(0.4, 0.4, 0.8));

    private static TwoCropRecipe Unlike(int size, double minimumArea, Normalize normalization, params AugmentationStep[] color)
    {
        return new TwoCropRecipe(View(1), View(0.1, new Solarize(probability: 0.2)));

        AugmentationRecipe View(double blurred, params AugmentationStep[] further) => new(
            size,
            [
                new RandomResizedCrop(size, minimumArea), .. color, new GaussianBlur(0.1, 2, blurred), .. further, new HorizontalFlip(0.5),
            ],
            normalization);
    }
}
