namespace MoCo.Reporting;

/// <summary>Singular values of the embeddings' covariance at one time of the run.</summary>
/// <param name="Name">When: <c>epoch 20</c>.</param>
/// <param name="SingularValues">The values, largest first.</param>
/// <param name="EffectiveRank">How many dimensions are in use, or null.</param>
public sealed record SpectrumSnapshot(string Name, IReadOnlyList<double> SingularValues, double? EffectiveRank = null);
