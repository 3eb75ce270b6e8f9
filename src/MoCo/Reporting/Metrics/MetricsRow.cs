namespace MoCo.Reporting;

/// <summary>What was measured at a step.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Values">Values by name; not a number where the value was not finite.</param>
public sealed record MetricsRow(long Step, IReadOnlyDictionary<string, double> Values);
