namespace MoCo.Data;

/// <summary>What every source of images says of itself, whether its images are read by number or as a stream.</summary>
public interface IImageSet
{
    /// <summary>What messages call this source: a folder, a file or a title.</summary>
    string Name { get; }

    /// <summary>Channels of every image as read: 1 (grey) or 3 (red, green, blue).</summary>
    int Channels { get; }

    /// <summary>The class names, indexed by label; empty where the images have no labels.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>What else there is to say of this source, a line each: what it left out, how it counts. None by default.</summary>
    IEnumerable<string> Notes => [];

    /// <summary>The images that could not be read so far.</summary>
    SourceErrors Errors { get; }
}
