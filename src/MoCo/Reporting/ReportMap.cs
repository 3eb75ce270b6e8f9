using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting;

/// <summary>An image in a report.</summary>
/// <param name="Name">Its file name or number.</param>
/// <param name="Label">Its class, or null where none is known.</param>
/// <param name="Thumbnail">A small PNG or JPEG file, best at most 64 pixels wide and high; empty where there is none.</param>
public sealed record ReportImage(string Name, string? Label, ReadOnlyMemory<byte> Thumbnail);

/// <summary>Embeddings as points on a map, with their images. Of more than 2000 an even choice is drawn.</summary>
public sealed record ReportMap
{
    /// <summary>Makes a map.</summary>
    /// <param name="components">Where the embeddings lie, N points.</param>
    /// <param name="images">Their images, N.</param>
    /// <exception cref="ArgumentException">There are not as many images as points, or none.</exception>
    public ReportMap(PrincipalComponents components, IReadOnlyList<ReportImage> images)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(images);
        (int points, int given) = (components.Points.Count, images.Count);
        if (points == 0 || given != points)
            throw new ArgumentException($"Expected an image for each of {points} points, at least one; got {given}.", nameof(images));
        (Components, Images) = (components, images);
    }

    /// <summary>Where the embeddings lie, N points.</summary>
    public PrincipalComponents Components { get; }

    /// <summary>Their images, N.</summary>
    public IReadOnlyList<ReportImage> Images { get; }
}

/// <summary>An image and those most similar to it.</summary>
/// <param name="Query">The image.</param>
/// <param name="Hits">The most similar ones with their cosine similarity, −1 … 1, best first. At most 12 are shown.</param>
public sealed record NeighbourRow(ReportImage Query, IReadOnlyList<(ReportImage Image, double Similarity)> Hits);
