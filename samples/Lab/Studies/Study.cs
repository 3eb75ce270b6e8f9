using Lab.Results;
using Quickstart;

namespace Lab.Studies;

/// <summary>A table or figure of a paper, to be made again.</summary>
/// <param name="Name">As the command line and the folder call it.</param>
/// <param name="Variable">What differs from row to row.</param>
/// <param name="Source">The table.</param>
/// <param name="Scale">What the papers' figures are.</param>
/// <param name="Trials">The rows.</param>
internal sealed record Study(string Name, string Title, string Variable, string Source, string Scale, IReadOnlyList<Trial> Trials)
{
    /// <summary>What the paper says beside its figures.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Whether the places have an order.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>In which the runs differ from the papers', for the page.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A row of a study.</summary>
/// <param name="Place">The variable's value; rows of several series may have the same.</param>
/// <param name="Make">Views and options, given what all rows have in common and the number of epochs.</param>
internal sealed record Trial(string Place, Func<Ground, int, Recipe> Make)
{
    /// <summary>The series, where there are several.</summary>
    public string Series { get; init; } = "";

    /// <summary>The paper's figure, not a number where the paper says that it fails; null: none that compares with the others.</summary>
    public double? Paper { get; init; }

    /// <summary>The paper's figure in words, where it is of another scale.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>What stands before the place in a name, such as K.</summary>
    public string Symbol { get; init; } = "";

    public string Name => $"{(Series.Length > 0 ? $"{Series}, " : "")}{(Symbol.Length > 0 ? $"{Symbol} " : "")}{Place}";

    /// <summary>The name as that of a folder.</summary>
    public string Folder => FolderName.Of(Name);

    /// <summary>What a table of this study shows of the paper.</summary>
    public string PaperText => Elsewhere ?? (Paper is not double figure ? "" : double.IsNaN(figure) ? "fails" : $"{figure:F1}");
}

/// <summary>Something that a paper says of two rows.</summary>
/// <param name="Says">In a sentence without its full stop.</param>
/// <param name="IsAbove">Whether the first row is said to be above the second; false: much like it.</param>
internal sealed record Claim(string Says, string First, string Second, bool IsAbove = true);
