using MoCo.Imaging;

namespace ShowViews;

/// <summary>An image with its views: a row of the sheet.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Class">Its class, or null.</param>
/// <param name="Image">As decoded, upright.</param>
/// <param name="Views">Its views, in order.</param>
internal sealed record ShownImage(string Name, string? Class, ImageBuffer Image, IReadOnlyList<ShownView> Views);
