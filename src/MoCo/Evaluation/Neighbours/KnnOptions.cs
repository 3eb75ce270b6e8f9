namespace MoCo.Evaluation.Neighbours;

/// <summary>How neighbours vote.</summary>
public sealed record KnnOptions
{
    internal const int MostBlockSize = 65_536;

    /// <summary>Nearest neighbours that vote (k). Default 200, at least 1.</summary>
    public int Neighbours { get; init; } = 200;

    /// <summary>The temperature of a vote's weight exp(similarity / temperature). Default 0.1, above 0.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Queries compared at a time at most. Default 1,024, 1 … 65,536: bounds memory, not the result.</summary>
    public int BlockSize { get; init; } = 1024;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(KnnOptions))
        .Check(Neighbours >= 1, Neighbours, "1 or more")
        .Check(IsTemperature(Temperature), Temperature, "above 0")
        .Check(BlockSize is >= 1 and <= MostBlockSize, BlockSize, $"1 to {MostBlockSize}")
        .ThrowIfAny();

    internal static bool IsTemperature(double value) => value is > 0 and < double.PositiveInfinity;
}
