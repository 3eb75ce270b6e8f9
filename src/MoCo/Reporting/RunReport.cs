using MoCo.Evaluation.Diagnostics;

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

    /// <summary>What was written while training: the page draws its charts and says what they and the last spectrum mean.</summary>
    public IReadOnlyList<MetricsRow> Metrics { get; init; } = [];

    /// <summary>ln(K+1), the loss of guessing that the metrics' loss is held against, or null.</summary>
    public double? ChanceLoss { get; init; }

    /// <summary>What other numbers mean, in plain words.</summary>
    public IReadOnlyList<ReportFinding> Findings { get; init; } = [];

    /// <summary>Name of the preset that <see cref="ReportOption.PresetValue"/> is of; may be empty.</summary>
    public string PresetName { get; init; } = "";

    /// <summary>The run's options; those that differ from the preset are shown first.</summary>
    public IReadOnlyList<ReportOption> Options { get; init; } = [];

    /// <summary>Charts beside those of the metrics.</summary>
    public IReadOnlyList<ReportChart> Charts { get; init; } = [];

    /// <summary>Similarity histograms at several steps, earliest first. At most 12 are shown, evenly chosen.</summary>
    public IReadOnlyList<SimilaritySnapshot> Similarities { get; init; } = [];

    /// <summary>Singular values of the embeddings' covariance at several steps. At most 6 are shown, evenly chosen.</summary>
    public IReadOnlyList<SpectrumSnapshot> Spectra { get; init; } = [];

    /// <summary>Embeddings on a map, or null.</summary>
    public ReportMap? Map { get; init; }

    /// <summary>Some images with those most similar to them. At most 24 are shown.</summary>
    public IReadOnlyList<NeighbourRow> Neighbours { get; init; } = [];
}

/// <summary>A figure to see first.</summary>
/// <param name="Name">What it is: <c>kNN accuracy</c>.</param>
/// <param name="Value">The figure with its unit: <c>82.6 %</c>.</param>
/// <param name="Remark">What to hold it against: <c>raw pixels: 78.9 %</c>; may be empty.</param>
public sealed record ReportFact(string Name, string Value, string Remark = "");

/// <summary>Something that the numbers say about the run.</summary>
/// <param name="Kind">How grave it is.</param>
/// <param name="Text">A sentence in plain words: what is seen, what it means, what to do.</param>
public sealed record ReportFinding(FindingKind Kind, string Text);

/// <summary>How grave a finding is.</summary>
public enum FindingKind
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Notice,

    /// <summary>The run suffers from it.</summary>
    Warning,
}

/// <summary>An option of the run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as text.</param>
/// <param name="PresetValue">The preset's value as text; null where the preset says nothing of it.</param>
public sealed record ReportOption(string Name, string Value, string? PresetValue = null)
{
    /// <summary>Whether the preset says something else.</summary>
    public bool Differs => PresetValue is not null && PresetValue != Value;
}

/// <summary>Cosine similarities at one time of the run.</summary>
/// <param name="Name">When: <c>epoch 20</c>.</param>
/// <param name="Positive">Of two views of the same image, or null.</param>
/// <param name="Negative">Of different images, or null.</param>
public sealed record SimilaritySnapshot(string Name, Histogram? Positive, Histogram? Negative);

/// <summary>Singular values of the embeddings' covariance at one time of the run.</summary>
/// <param name="Name">When: <c>epoch 20</c>.</param>
/// <param name="SingularValues">The values, largest first.</param>
/// <param name="EffectiveRank">How many dimensions are in use, or null.</param>
public sealed record SpectrumSnapshot(string Name, IReadOnlyList<double> SingularValues, double? EffectiveRank = null);
