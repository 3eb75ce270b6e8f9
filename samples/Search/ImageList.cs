using MoCo.Data;
using MoCo.Imaging;

namespace Search;

/// <summary>Some files as a source of images.</summary>
internal sealed class ImageList(IReadOnlyList<string> paths) : IImageSource
{
    public string Name => paths.Count == 1 ? paths[0] : $"{paths.Count} images";

    public int Count => paths.Count;

    public int Channels => 3;

    public IReadOnlyList<string> Classes => [];

    public SourceErrors Errors { get; } = new();

    public int? Label(int index) => null;

    public string Locate(int index) => paths[index];

    public void Read(int index, ImageBuffer into) => ImageDecoder.Default.Decode(File.ReadAllBytes(paths[index]), into);
}
