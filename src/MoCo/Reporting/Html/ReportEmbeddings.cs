namespace MoCo.Reporting;

/// <summary>Embeddings to be drawn as a map, N of D numbers. Of more than 2000 an even choice is drawn.</summary>
public sealed record ReportEmbeddings
{
    /// <summary>Takes the embeddings.</summary>
    /// <param name="values">N·D numbers, one embedding after the other, all finite.</param>
    /// <param name="images">Their images, N.</param>
    /// <exception cref="ArgumentException">The numbers are not N·D of them, or one is not finite.</exception>
    public ReportEmbeddings(ReadOnlyMemory<float> values, IReadOnlyList<ReportImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0 || values.Length == 0 || values.Length % images.Count != 0)
            throw new ArgumentException($"Expected the same number of values for each of {images.Count} images, at least one; got {values.Length} values.", nameof(values));
        var wrong = 0;
        while (wrong < values.Length && float.IsFinite(values.Span[wrong])) wrong++;
        if (wrong < values.Length) throw new ArgumentException($"The embedding of image {wrong / (values.Length / images.Count)} has a value that is not finite ({values.Span[wrong]}).", nameof(values));
        (Values, Images) = (values, images);
    }

    /// <summary>The numbers, N×D.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>The images, N.</summary>
    public IReadOnlyList<ReportImage> Images { get; }

    /// <summary>Numbers of an embedding (D).</summary>
    public int Dimensions => Values.Length / Images.Count;
}
