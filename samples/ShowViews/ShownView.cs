using MoCo.Augmentation;
using MoCo.Imaging;

namespace ShowViews;

/// <summary>A view, before normalisation.</summary>
/// <param name="Title">Which one it is.</param>
/// <param name="Pixels">The view's bytes.</param>
/// <param name="Drawn">What the steps drew.</param>
/// <param name="Crop">The rectangle that it shows of its image; null where the recipe does not begin with a random one.</param>
internal sealed record ShownView(string Title, ImageBuffer Pixels, IReadOnlyList<string> Drawn, CropBox? Crop);
