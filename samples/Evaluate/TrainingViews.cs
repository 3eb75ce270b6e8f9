using RecipeMaker = System.Func<int, MoCo.Augmentation.Normalize, MoCo.Augmentation.AugmentationRecipe>;

namespace Evaluate;

/// <summary>The augmentations of training that commands take by name.</summary>
internal static class TrainingViews
{
    /// <summary>The augmentations of training, by their names.</summary>
    public static readonly Dictionary<string, RecipeMaker> Recipes = new()
    {
        ["v1"] = (size, normalization) => AugmentationRecipe.V1(size, normalization),
        ["v2"] = (size, normalization) => AugmentationRecipe.V2(size, normalization),
        ["cifar"] = (size, normalization) => AugmentationRecipe.Cifar(size, normalization),
        ["grey"] = (size, normalization) => AugmentationRecipe.Grey(size, normalization: normalization),
    };
}
