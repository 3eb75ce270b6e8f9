using MoCo.Augmentation;

namespace ShowViews;

/// <summary>What shall be drawn.</summary>
/// <param name="Folder">Pictures, in any depth.</param>
/// <param name="RecipeName">What the sheet calls the recipe.</param>
/// <param name="Recipe">From picture to view.</param>
/// <param name="Pictures">Rows of the sheet.</param>
/// <param name="Views">The titles of each picture's views.</param>
/// <param name="Seed">The views' seed.</param>
/// <param name="Out">The PNG to write.</param>
internal sealed record Request(string Folder, string RecipeName, AugmentationRecipe Recipe, int Pictures, IReadOnlyList<string> Views, long Seed, string Out);
