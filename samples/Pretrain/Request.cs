namespace Pretrain;

/// <summary>What the command line asks for.</summary>
/// <param name="Plan">The run, as presets, file and flags say.</param>
/// <param name="Out">The run's folder.</param>
/// <param name="Resume">auto, or a checkpoint's file; null: a new run.</param>
/// <param name="Plain">Lines, no panel that is drawn anew.</param>
internal sealed record Request(Plan Plan, string Out, string? Resume, bool Plain)
{
    public const string Automatic = "auto";

    /// <summary>The settings of the command line alone, to lay over those of a run that goes on.</summary>
    public required IReadOnlyList<(Setting Setting, string Value)> Flags { get; init; }

    /// <summary>The preset, if it was asked for in so many words.</summary>
    public required string? Preset { get; init; }
}
