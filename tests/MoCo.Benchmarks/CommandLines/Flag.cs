namespace MoCo.Benchmarks.CommandLines;

/// <summary>A flag of a command.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for its value in the help; null for a switch that takes none.</param>
/// <param name="Meaning">One line of help.</param>
internal sealed record Flag(string Name, string? Value, string Meaning);
