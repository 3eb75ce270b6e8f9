namespace MoCo.Contrast;

/// <summary>The cluster head of <see cref="MethodKind.ContrastiveClustering"/>; the defaults are those of Li et al. 2021.</summary>
public sealed record ClusteringOptions
{
    /// <summary>M, the number of clusters, at least 2. Default: 10.</summary>
    public int Clusters { get; init; } = 10;

    /// <summary>τ of the loss over columns, above 0. Default: 1.</summary>
    public double Temperature { get; init; } = 1;

    internal void Check(OptionErrors errors) => errors
        .Check(Clusters >= 2, Clusters, "2 or more")
        .Check(Temperature > 0 && double.IsFinite(Temperature), Temperature, "above 0 (1 in the paper)");
}
