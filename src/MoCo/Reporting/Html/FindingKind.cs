namespace MoCo.Reporting;

/// <summary>How grave a finding is.</summary>
public enum FindingKind
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Notice,

    /// <summary>The run suffers from it.</summary>
    Warning,
}
