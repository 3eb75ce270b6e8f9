using MoCo.Validation;

namespace MoCo.Evaluation.Neighbours;

/// <summary>How neighbours vote.</summary>
public sealed record KnnOptions
{
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
        .Check(Temperature > 0 && double.IsFinite(Temperature), Temperature, "above 0")
        .Check(BlockSize is >= 1 and <= 65_536, BlockSize, "1 to 65536")
        .ThrowIfAny();
}

/// <summary>Which numbers of neighbours and temperatures are tried, each with each.</summary>
public sealed record KnnGridOptions
{
    /// <summary>Numbers of nearest neighbours that vote (k), each at least 1. Default 1, 10, 20, 50, 100, 200.</summary>
    public IReadOnlyList<int> Neighbours { get; init; } = [1, 10, 20, 50, 100, 200];

    /// <summary>Temperatures of a vote's weight exp(similarity / temperature), each above 0. Default 0.07, 0.1, 0.2.</summary>
    public IReadOnlyList<double> Temperatures { get; init; } = [0.07, 0.1, 0.2];

    /// <inheritdoc cref="KnnOptions.BlockSize"/>
    public int BlockSize { get; init; } = 1024;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(KnnGridOptions))
        .Check(Neighbours is { Count: > 0 } && Neighbours.All(k => k >= 1), Neighbours, "one number or more, each 1 or more")
        .Check(Temperatures is { Count: > 0 } && Temperatures.All(t => t > 0 && double.IsFinite(t)), Temperatures, "one temperature or more, each above 0")
        .Check(BlockSize is >= 1 and <= 65_536, BlockSize, "1 to 65536")
        .ThrowIfAny();
}

/// <summary>What one setting of the neighbours' vote achieved.</summary>
/// <param name="Neighbours">Nearest neighbours that voted (k).</param>
/// <param name="Temperature">The temperature of their votes.</param>
/// <param name="Result">The accuracies.</param>
public readonly record struct KnnScore(int Neighbours, double Temperature, Accuracy Result);
