using MoCo.Data.Folder;

namespace MoCo.Data;

/// <summary>How an <see cref="ImageFolder"/> is read.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The endings of names that make a file an image, in lower case with the dot (upper case counts too).
    /// Default: .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp (torchvision's) and .gif. The content decides at reading what it is.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = ImageExtensions.Default;

    /// <summary>Where labels come from. Default <see cref="ImageFolderLabels.Auto"/>.</summary>
    public ImageFolderLabels Labels { get; init; }

    /// <summary>Keeps what was found in an index file, so that the next start need not look again. Default true. A folder with broken links
    /// or unreadable folders in it is looked through every time: their mending could not be noticed otherwise.</summary>
    public bool KeepIndex { get; init; } = true;

    /// <summary>The folder that holds the index file. Default null: <c>.moco-index</c> inside the folder of images, and where that
    /// cannot be written, <c>moco</c> in the user's cache (<c>XDG_CACHE_HOME</c>, <c>~/.cache</c>, or the system's local application data).</summary>
    public string? IndexFolder { get; init; }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate()
    {
        List<string> errors = [];
        if (!Enum.IsDefined(Labels))
            errors.Add($"{nameof(Labels)} is {Labels}; allowed are Auto, FirstFolder and None.");
        if (Extensions is null || Extensions.Count == 0)
            errors.Add($"{nameof(Extensions)} is empty; expected at least one, such as .jpg.");
        else if (Extensions.FirstOrDefault(ImageExtensions.IsImpossible) is { } wrong)
            errors.Add($"{nameof(Extensions)} contains '{wrong}'; expected a dot and what follows it in lower case, such as .jpg.");
        if (IndexFolder is { Length: 0 })
            errors.Add($"{nameof(IndexFolder)} is empty; expected a folder, or null for the default.");
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(ImageFolderOptions)}: {string.Join(" ", errors)}");
    }
}
