using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>How <see cref="ImageSources"/> reads what it finds; each property counts for one kind of data.</summary>
public sealed record ImageSourcesOptions
{
    /// <summary>For folders of images; null, the default: <see cref="ImageFolderOptions"/>' defaults.</summary>
    public ImageFolderOptions? Folder { get; init; }

    /// <summary>For tar shards; null, the default: <see cref="TarShardsOptions"/>' defaults.</summary>
    public TarShardsOptions? Shards { get; init; }

    /// <summary>Which of CIFAR-100's two labels counts. Default <see cref="CifarLabels.Fine"/>; nothing else has coarse ones.</summary>
    public CifarLabels CifarLabels { get; init; }

    /// <summary>From files to pixels, for folders and shards; null, the default: <see cref="ImageDecoder.Default"/>.</summary>
    public IImageDecoder? Decoder { get; init; }
}
