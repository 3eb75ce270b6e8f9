namespace MoCo.Reporting;

/// <summary>Embeddings to be drawn as a map, N of D numbers. Of more than 2000 an even choice is drawn.</summary>
public sealed record ReportEmbeddings
{
    /// <summary>Takes the embeddings.</summary>
    /// <param name="values">N·D numbers, one embedding after the other, all finite.</param>
    /// <param name="pictures">Their pictures, N.</param>
    /// <exception cref="ArgumentException">The numbers are not N·D of them, or one is not finite.</exception>
    public ReportEmbeddings(ReadOnlyMemory<float> values, IReadOnlyList<ReportPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0 || values.Length == 0 || values.Length % pictures.Count != 0)
            throw new ArgumentException($"Expected the same number of values for each of {pictures.Count} pictures, at least one; got {values.Length} values.", nameof(values));
        var wrong = 0;
        while (wrong < values.Length && float.IsFinite(values.Span[wrong])) wrong++;
        if (wrong < values.Length) throw new ArgumentException($"The embedding of picture {wrong / (values.Length / pictures.Count)} has a value that is not finite ({values.Span[wrong]}).", nameof(values));
        (Values, Pictures) = (values, pictures);
    }

    /// <summary>The numbers, N×D.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>The pictures, N.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; }

    /// <summary>Numbers of an embedding (D).</summary>
    public int Dimensions => Values.Length / Pictures.Count;
}
