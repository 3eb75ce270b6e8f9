using MoCo.Data.Folders;

namespace MoCo.Data;

/// <summary>How an <see cref="ImageFolder"/> is read.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The endings of names that make a file an image, in lower case with the dot (upper case counts too). Default: .jpg, .jpeg,
    /// .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp (torchvision's) and .gif. The content decides at reading what it is.</summary>
    public IReadOnlyList<string> Extensions { get; init => field = OptionList<string>.Of(value); }
        = OptionList<string>.Of(ImageExtensions.Default);

    /// <summary>Where labels come from. Default <see cref="ImageFolderLabels.Auto"/>.</summary>
    public ImageFolderLabels Labels { get; init; }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(ImageFolderOptions))
        .CheckDefined(Labels)
        .Check(Extensions is { Count: > 0 }, Extensions, "at least one ending, such as .jpg")
        .Check(Extensions?.Any(ImageExtensions.IsImpossible) != true, Extensions, "a dot and what follows it in lower case, such as .jpg")
        .ThrowIfAny();
}

/// <summary>Where the labels of an <see cref="ImageFolder"/> come from.</summary>
public enum ImageFolderLabels
{
    /// <summary><see cref="FirstFolder"/> where any first-level folder holds images, else <see cref="None"/>.</summary>
    Auto,

    /// <summary>The first-level folders are the classes; images beside them are left out.</summary>
    FirstFolder,

    /// <summary>No labels: every image at any depth belongs to the source.</summary>
    None,
}
