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

    /// <summary>The class names by label: other first-level folders are left out, and a class whose folder is missing or has no image stays
    /// one. Give a test set those of its training set, so that labels agree. Default null: the first-level folders that hold an image, in
    /// the order of their code points.</summary>
    public IReadOnlyList<string>? Classes { get; init => field = value is null ? null : OptionList<string>.Of(value); }

    /// <summary>Takes each file once, whatever links lead to it (on Linux hard links too), so that no image is its own double. Default
    /// false, as torchvision; true costs a look at every file.</summary>
    public bool EachFileOnce { get; init; }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(ImageFolderOptions))
        .CheckDefined(Labels)
        .Check(Extensions is { Count: > 0 }, Extensions, "at least one ending, such as .jpg")
        .Check(Extensions?.Any(ImageExtensions.IsImpossible) != true, Extensions, ImageExtensions.Possible)
        .Check(Classes is null or { Count: > 0 }, Classes, "at least one name, or null")
        .Check(Classes is null || Classes.Distinct().Count() == Classes.Count, Classes, "names that are all different")
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
