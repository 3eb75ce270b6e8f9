using static MoCo.Augmentation.AugmentationStep;

namespace Pretrain.Plans;

/// <summary>The named recipes of views.</summary>
internal enum ViewKind
{
    V1,
    V2,
    V3,
    Cifar,
    Grey,
}

/// <summary>The views that a plan and its images call for.</summary>
internal static class ViewRecipe
{
    public static ViewKind Kind(Plan plan, IImageSet images) =>
        plan.Views ?? (images.Channels == 1 ? ViewKind.Grey : plan.Preset switch
        {
            "v1" => ViewKind.V1,
            "cifar" => ViewKind.Cifar,
            Plan.V3 or Plan.V3ViT => ViewKind.V3,
            _ => ViewKind.V2,
        });

    /// <exception cref="UsageException">The views are for other images.</exception>
    public static TwoCropRecipe For(Plan plan, IImageSet images)
    {
        ViewKind query = Kind(plan, images), key = plan.KeyViews ?? query;
        int size = plan.ViewSize
            ?? (images.ImageSize is (int width, int height) ? Math.Min(width, height) : plan.Preset == "cifar" ? 32 : 224);
        if (plan.SmallViews > 0 && plan.SmallSize > size)
            throw new UsageException(
                $"--small-size is {plan.SmallSize}; expected {size} or less, the width and height of the large views.");
        TwoCropRecipe views = new(Fitted("--views", query, Of(query).Query), Fitted("--key-views", key, Of(key).Key));
        return SmallCrops.Beside(views, plan.SmallViews, plan.SmallSize, plan.SmallScale);

        // Those of a kind, of which a view takes its own.
        TwoCropRecipe Of(ViewKind kind) => kind switch
        {
            ViewKind.V1 => new(AugmentationRecipe.V1(size)),
            ViewKind.V2 => new(AugmentationRecipe.V2(size)),
            ViewKind.V3 => images.Channels == 1 ? TwoCropRecipe.GreyV3(size) : TwoCropRecipe.V3(size),
            ViewKind.Cifar => new(AugmentationRecipe.Cifar(size)),
            _ => new(AugmentationRecipe.Grey(size)),
        };

        AugmentationRecipe Fitted(string flag, ViewKind kind, AugmentationRecipe recipe)
        {
            string fitting = images.Channels == 1 ? "grey or v3" : "v1, v2, v3 or cifar";
            if (recipe.Channels is int channels && channels != images.Channels)
                throw new UsageException($"{flag} is {Values.Text(kind)}, for images of {channels} channels, and {images.Name} has "
                    + $"{images.Channels}; expected {fitting}.");
            return new AugmentationRecipe(size, recipe.Steps.Select(step => step.Name switch
            {
                nameof(RandomResizedCrop) when plan.MinimumArea is double area => RandomResizedCrop(size, area),
                nameof(HorizontalFlip) when plan.FlipProbability is double share => HorizontalFlip(share),
                _ => step,
            }), recipe.Normalization);
        }
    }
}
