using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Search;

namespace Samples;

/// <summary>What a report shows of images and their features: a map, and for some of them those most similar.</summary>
internal static class ReportImages
{
    /// <summary>Images at most that a report shows, spread over the source.</summary>
    public const int Most = 600;

    private const int Rows = 8, Hits = 8, ThumbnailSide = 64;

    /// <summary>The report with both.</summary>
    public static RunReport WithImages(
        this RunReport report, IImageSource all, Func<IImageSource, FeatureSet> extract, CancellationToken stop)
    {
        IImageSource source = all.Spread(Most);
        using FeatureSet features = extract(source);
        Thumbnails thumbnails = new(ThumbnailSide);
        ReportImage[] images
            = [.. Enumerable.Range(0, features.Count).Select(row => Image(source, features.Indices?[row] ?? row, thumbnails))];
        using SimilarityIndex index = new(features.Features, images.Select(image => image.Name));
        int rows = Math.Min(Rows, images.Length);
        IEnumerable<int> asked = Enumerable.Range(0, rows).Select(i => (int)((i + 0.5) * images.Length / rows));
        return report with
        {
            Map = (PrincipalComponents.Of(features.Features), images),
            Neighbours = [.. asked.Select(row => (images[row], Neighbours(row)))],
        };

        IReadOnlyList<(ReportImage, double)> Neighbours(int row)
        {
            using Tensor query = features.Features[row];
            IReadOnlyList<(int Index, string Name, float Similarity)> all = index.Search(query, images.Length, stop)[0];
            // The image itself comes first, or among equals, under every name that it has.
            return [.. all.Where(hit => hit.Index != row && !ImageSources.IsSameFile(Place(hit.Index), Place(row))).Take(Hits)
                .Select(hit => (images[hit.Index], (double)hit.Similarity))];
        }

        string Place(int row) => source.Locate(features.Indices?[row] ?? row);
    }

    private static ReportImage Image(IImageSource source, int index, Thumbnails thumbnails)
    {
        string? label = source.Label(index) is int number ? source.Classes[number] : null;
        byte[]? thumbnail = thumbnails.Jpeg(buffer => source.Read(index, buffer));
        return new ReportImage(Path.GetFileName(source.Locate(index)), label, thumbnail);
    }
}
