namespace MoCo.Data;

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
