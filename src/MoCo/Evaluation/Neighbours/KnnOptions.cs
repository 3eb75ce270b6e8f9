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
    public void Validate() => KnnGridOptions.Validate(nameof(KnnOptions), [Neighbours], [Temperature], BlockSize);
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
    public void Validate() => Validate(nameof(KnnGridOptions), Neighbours ?? [], Temperatures ?? [], BlockSize);

    internal static void Validate(string name, IReadOnlyList<int> neighbours, IReadOnlyList<double> temperatures, int blockSize)
    {
        List<string> errors = [];
        if (neighbours.Count == 0)
            errors.Add($"{nameof(Neighbours)} is empty; expected one number or more.");
        if (temperatures.Count == 0)
            errors.Add($"{nameof(Temperatures)} is empty; expected one temperature or more.");
        errors.AddRange(neighbours.Where(k => k < 1).Select(k => $"Neighbours is {k}; allowed are 1 and more."));
        errors.AddRange(temperatures.Where(t => !(t > 0) || !double.IsFinite(t)).Select(t => $"Temperature is {t}; allowed are numbers above 0."));
        if (blockSize is < 1 or > 65_536)
            errors.Add($"{nameof(BlockSize)} is {blockSize}; allowed are 1 to 65536.");
        if (errors.Count > 0)
            throw new ArgumentException($"{name}: {string.Join(" ", errors)}");
    }
}

/// <summary>What one setting of the neighbours' vote achieved.</summary>
/// <param name="Neighbours">Nearest neighbours that voted (k).</param>
/// <param name="Temperature">The temperature of their votes.</param>
/// <param name="Result">The accuracies.</param>
public readonly record struct KnnScore(int Neighbours, double Temperature, Accuracy Result);
