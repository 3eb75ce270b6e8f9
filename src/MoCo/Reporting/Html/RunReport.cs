namespace MoCo.Reporting;

/// <summary>
/// What a report shows of a run: plain numbers, texts and small images, whoever measured them. What is left out gets no section.
/// </summary>
public sealed record RunReport
{
    /// <summary>Heading of the page.</summary>
    public required string Title { get; init; }

    /// <summary>A line below it: when, where, on what data; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The figures to see first.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>What the numbers mean, in plain words.</summary>
    public IReadOnlyList<ReportFinding> Findings { get; init; } = [];

    /// <summary>Name of the preset that <see cref="ReportOption.PresetValue"/> is of; may be empty.</summary>
    public string PresetName { get; init; } = "";

    /// <summary>The run's options; those that differ from the preset are shown first.</summary>
    public IReadOnlyList<ReportOption> Options { get; init; } = [];

    /// <summary>Curves; <see cref="RunCharts.From"/> makes the usual ones of a run's metrics.</summary>
    public IReadOnlyList<ReportChart> Charts { get; init; } = [];

    /// <summary>Similarity histograms at several steps, earliest first. At most 12 are shown, evenly chosen.</summary>
    public IReadOnlyList<SimilaritySnapshot> Similarities { get; init; } = [];

    /// <summary>Singular values of the embeddings' covariance at several steps. At most 6 are shown, evenly chosen.</summary>
    public IReadOnlyList<SpectrumSnapshot> Spectra { get; init; } = [];

    /// <summary>Embeddings to be drawn as a map, or null.</summary>
    public ReportEmbeddings? Embeddings { get; init; }

    /// <summary>Some images with those most similar to them. At most 24 are shown.</summary>
    public IReadOnlyList<NeighbourRow> Neighbours { get; init; } = [];
}
