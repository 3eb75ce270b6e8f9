using System.Collections.Immutable;

namespace Pretrain.Plans;

/// <summary>The named recipes of views.</summary>
internal enum ViewKind
{
    V1,
    V2,
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
            _ => ViewKind.V2, // v3's are v2's, but for the second view's solarisation
        });

    /// <exception cref="UsageException">The views are for other images.</exception>
    public static AugmentationRecipe For(Plan plan, IImageSet images)
    {
        ViewKind kind = Kind(plan, images);
        int size = plan.ViewSize ?? (images is IdxImages idx ? Math.Min(idx.Height, idx.Width) : plan.Preset == "cifar" ? 32 : 224);
        AugmentationRecipe recipe = kind switch
        {
            ViewKind.V1 => AugmentationRecipe.V1(size),
            ViewKind.V2 => AugmentationRecipe.V2(size),
            ViewKind.Cifar => AugmentationRecipe.Cifar(size),
            _ => AugmentationRecipe.Grey(size),
        };
        string fitting = images.Channels == 1 ? "grey" : "v1, v2 or cifar";
        if (recipe.Channels is int channels && channels != images.Channels)
            throw new UsageException($"--views is {Values.Text(kind)}, for images of {channels} channels, and {images.Name} has "
                + $"{images.Channels}; expected {fitting}.");
        ImmutableArray<IAugmentationStep> steps = [.. recipe.Steps.Select(step => step switch
        {
            RandomResizedCrop when plan.MinimumArea is double area => new RandomResizedCrop(size, area),
            HorizontalFlip when plan.FlipProbability is double share => new HorizontalFlip(share),
            _ => step,
        })];
        return new AugmentationRecipe(size, steps, recipe.Normalization);
    }
}
