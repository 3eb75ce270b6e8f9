namespace Lab.Cost;

/// <summary>A row of the study of costs, and of its results.csv.</summary>
/// <param name="Variable">The encoder.</param>
/// <param name="Value">Images in a batch of all devices.</param>
/// <param name="Status">measured or computed.</param>
internal sealed record CostRow(
    string Study, string Variable, string Method, int Value, int Device, double MemoryMb, double Seconds, string Status)
{
    public const string Measured = "measured", Computed = "computed";
}
