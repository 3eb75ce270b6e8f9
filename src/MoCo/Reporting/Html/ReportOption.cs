namespace MoCo.Reporting;

/// <summary>An option of the run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as text.</param>
/// <param name="PresetValue">The preset's value as text; null where the preset says nothing of it.</param>
public sealed record ReportOption(string Name, string Value, string? PresetValue = null)
{
    /// <summary>Whether the preset says something else.</summary>
    public bool Differs => PresetValue is not null && PresetValue != Value;
}
