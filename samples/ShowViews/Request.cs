using MoCo.Augmentation;

namespace ShowViews;

/// <summary>What shall be drawn.</summary>
/// <param name="Folder">Images, in any depth.</param>
/// <param name="RecipeName">What the sheet calls the recipe.</param>
/// <param name="Recipe">From image to view.</param>
/// <param name="Images">Rows of the sheet.</param>
/// <param name="Views">The titles of each image's views.</param>
/// <param name="Seed">The views' seed.</param>
/// <param name="Out">The PNG to write.</param>
internal sealed record Request(string Folder, string RecipeName, AugmentationRecipe Recipe, int Images, IReadOnlyList<string> Views, long Seed, string Out);
