using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting.Html;
using MoCo.Reporting.Metrics;

namespace MoCo.Reporting;

/// <summary>What a report shows of a run: plain numbers, texts and small images, whoever measured them. What is left out gets no
/// section.</summary>
/// <remarks>The page is one file: options, findings, curves, similarities, spectrum, map and neighbours. It needs no network, follows the
/// reader's light or dark scheme, and stays below about 5 MB however long the run was, to which a map of very many images adds their
/// names.</remarks>
public sealed record RunReport
{
    /// <summary>Heading of the page.</summary>
    public required string Title { get; init; }

    /// <summary>A line below it: when, where, on what data; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The figures to see first: what each is (<c>kNN accuracy</c>), the figure with its unit (<c>82.6 %</c>), and what to hold it
    /// against (<c>raw pixels: 78.9 %</c>), which may be empty.</summary>
    public IReadOnlyList<(string Name, string Value, string Remark)> Facts { get; init; } = [];

    /// <summary>What was written while training: the page draws its charts and says what they and the last embeddings mean.</summary>
    public IReadOnlyList<MetricsRow> Metrics { get; init; } = [];

    /// <summary>The loss of guessing, which the method knows and the metrics' loss is held against, or null.</summary>
    public double? ChanceLoss { get; init; }

    /// <summary>The step until which the metrics' loss and spread say nothing, because the method's dictionary still held random vectors.
    /// Default: 0.</summary>
    public long SettledStep { get; init; }

    /// <summary>kNN accuracy of raw pixels, 0–1, that the metrics' kNN is held against, or null.</summary>
    public double? KnnPixels { get; init; }

    /// <summary>What other numbers say about the run: sentences in plain words of what is seen, what it means, what to do.</summary>
    public IReadOnlyList<(FindingKind Kind, string Text)> Findings { get; init; } = [];

    /// <summary>Name of the preset that the options are held against; may be empty.</summary>
    public string PresetName { get; init; } = "";

    /// <summary>The run's options, their values and the preset's as text; null where the preset says nothing of one. Those that differ are
    /// shown first.</summary>
    public IReadOnlyList<(string Name, string Value, string? PresetValue)> Options { get; init; } = [];

    /// <summary>Charts beside those of the metrics.</summary>
    internal IReadOnlyList<ReportChart> Charts { get; init; } = [];

    /// <summary>What embeddings were like at several times (<c>epoch 20</c>), earliest first: similarity histograms, of which at most 12
    /// are shown, and spectra, at most 6, evenly chosen.</summary>
    public IReadOnlyList<(string Name, EmbeddingReport Report)> Embeddings { get; init; } = [];

    /// <summary>Similarities of queries to the queue's keys, shown below the others; null: none.</summary>
    public Histogram? QueueSimilarities { get; init; }

    /// <summary>Embeddings as points on a map, N, each with its image; null: no map. More than 2000 are drawn by the
    /// page's script, which moves and enlarges the map; of more than 100,000 an even choice.</summary>
    public (PrincipalComponents Components, IReadOnlyList<ReportImage> Images)? Map { get; init; }

    /// <summary>Some images, each with those most similar to it and their cosine similarity, −1 … 1, best first. At most 24 are shown, with
    /// 12 others each.</summary>
    public IReadOnlyList<(ReportImage Query, IReadOnlyList<(ReportImage Image, double Similarity)> Hits)> Neighbours { get; init; } = [];

    /// <summary>Writes the page; an older one is replaced at once or stays whole.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">Something of the report can't be drawn; the message says what and why.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Save(string path) => HtmlReport.Write(path, HtmlReport.Html(this));

    /// <summary>Writes loss, kNN accuracy and learning rate over the steps as one SVG image, as far as they were measured.</summary>
    /// <param name="path">The file, replaced at once or left whole.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void SaveCurves(string path)
    {
        long last = Metrics.Count > 0 ? Math.Max(1, Metrics[^1].Step) : 1;
        if (CurveImage.Svg(RunCharts.Main(Metrics, ChanceLoss, KnnPixels), last) is { } image) HtmlReport.Write(path, image);
    }
}

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

/// <summary>A chart of one or more curves over the training steps.</summary>
internal sealed record ReportChart
{
    /// <summary>What is drawn.</summary>
    public required string Title { get; init; }

    /// <summary>The curves' names and points, the steps of each ascending; points whose value is not finite are left out. Long curves are
    /// thinned to at most 1000 points, which keep the extremes; those beyond the sixth are left out.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<(double Step, double Value)> Points)> Series { get; init; }

    /// <summary>Unit of the values, put behind them: <c>%</c>; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The least and the largest value that there can be: the vertical axis does not go beyond.</summary>
    public (double Least, double Most) Bounds { get; init; } = (double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether a curve is named that is alone: where the title does not say what it is.</summary>
    public bool NamesLoneCurve { get; init; }

    /// <summary>What runs to the right.</summary>
    public string HorizontalTitle { get; init; } = "step";

    /// <summary>A dashed line across and what it stands for, such as <c>guessing</c>, or null.</summary>
    public (double Value, string Name)? Limit { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; values of 0 and less are left out then.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>What the first curve's point at step 0 is, such as <c>untrained</c>; may be empty.</summary>
    public string AtZero { get; init; } = "";

    /// <summary>The steps shown; null: those of the curves.</summary>
    public (double First, double Last)? Steps { get; init; }

    /// <summary>Width and height of the drawing.</summary>
    public (int Width, int Height) Size { get; init; } = (ChartFrame.Width, 240);

    /// <summary>The number of the first curve's color.</summary>
    public int FirstColor { get; init; }
}

/// <summary>An image in a report.</summary>
/// <param name="Name">Its file name or number.</param>
/// <param name="Label">Its class, or null where none is known.</param>
/// <param name="Thumbnail">A small PNG or JPEG file, best at most 64 pixels wide and high; empty where there is none.</param>
public sealed record ReportImage(string Name, string? Label, ReadOnlyMemory<byte> Thumbnail);
