namespace MoCo.Reporting;

/// <summary>How a report is drawn.</summary>
public sealed record HtmlReportOptions
{
    /// <summary>Whether a t-SNE map stands beside that of the principal components. Some seconds for 2000 points. Default: false.</summary>
    public bool TSne { get; init; }

    /// <summary>Perplexity of t-SNE: about how many neighbours each point minds. Default 30; 2 … 100, and less where points are few.</summary>
    public double Perplexity { get; init; } = 30;
}
