using MoCo.Imaging;

namespace ShowViews;

/// <summary>A picture with its views: a row of the sheet.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Class">Its class, or null.</param>
/// <param name="Picture">As decoded, upright.</param>
/// <param name="Views">Its views, in order.</param>
internal sealed record ShownPicture(string Name, string? Class, ImageBuffer Picture, IReadOnlyList<ShownView> Views);
