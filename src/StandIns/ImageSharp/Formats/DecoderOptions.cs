namespace SixLabors.ImageSharp.Formats;

public sealed class DecoderOptions
{
    /// <summary>The stand-in reads one frame whatever this says.</summary>
    public uint MaxFrames { get; init; } = int.MaxValue;

    public bool SkipMetadata { get; init; }
}
