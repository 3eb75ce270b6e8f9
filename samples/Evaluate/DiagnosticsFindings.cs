using System.Globalization;
using MoCo.Evaluation;

namespace Evaluate;

/// <summary>What the figures of embeddings mean, in plain words.</summary>
/// <param name="IsGood">Whether that is as it should be.</param>
/// <param name="Text">A sentence.</param>
internal readonly record struct DiagnosticsFindings(bool IsGood, string Text)
{
    private const double LeastShareOfDimensions = 0.05, LeastGap = 0.05;

    /// <summary>The findings of one output.</summary>
    public static IEnumerable<DiagnosticsFindings> Of(string name, EmbeddingReport report)
    {
        int dimensions = report.SingularValues.Count;
        bool spread = report.EffectiveRank >= LeastShareOfDimensions * dimensions;
        yield return new(spread, string.Create(CultureInfo.InvariantCulture,
            $"{name}: {report.EffectiveRank:F1} of {dimensions} dimensions are in use{(spread ? "." : ", which looks like dimensional collapse: too few images, too little training, or views that are too much alike.")}"));
        if (report.PositiveSimilarities is not { } positives) yield break;
        bool apart = positives.Mean - report.NegativeSimilarities.Mean >= LeastGap;
        yield return new(apart, string.Create(CultureInfo.InvariantCulture,
            $"{name}: two views of an image have a cosine of {positives.Mean:F2}, different images {report.NegativeSimilarities.Mean:F2}{(apart ? "." : ": the encoder hardly tells images apart.")}"));
    }
}
