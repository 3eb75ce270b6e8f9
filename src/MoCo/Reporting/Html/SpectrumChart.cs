namespace MoCo.Reporting.Html;

/// <summary>Singular values of the embeddings' covariance, on a logarithmic axis: a cliff is dimensional collapse.</summary>
internal static class SpectrumChart
{
    private const int MostCurves = 6;

    public static void Write(HtmlText page, IReadOnlyList<SpectrumSnapshot> spectra)
    {
        if (spectra.Count == 0) return;
        LineChart.Write(page, new ReportChart
        {
            Title = "Singular values of the embeddings",
            HorizontalTitle = "dimension",
            Logarithmic = true,
            Series = [.. Thinning.Evenly(MostCurves, spectra.Count).Select(i => Curve(spectra[i]))],
        });
    }

    private static ReportSeries Curve(SpectrumSnapshot spectrum)
    {
        // Below what float32 can tell from nothing, a logarithmic axis would show noise only.
        double floor = spectrum.SingularValues.Count == 0 ? 0 : spectrum.SingularValues.Max() * 1e-9;
        string rank = spectrum.EffectiveRank is double known ? FormattableString.Invariant($" (effective rank {known:F1})") : "";
        (double, double)[] points = [.. spectrum.SingularValues.Select((value, i) => (i + 1.0, Math.Max(value, floor)))];
        return new ReportSeries($"{spectrum.Name}{rank}, least", points);
    }
}
