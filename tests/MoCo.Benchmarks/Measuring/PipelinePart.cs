namespace MoCo.Benchmarks.Measuring;

/// <summary>The names of what can be timed between a file and its views; those that both sides have are the same in
/// pytorch/pipeline.py.</summary>
internal static class PipelinePart
{
    public const string Decode = "decode";
    public const string Pair = "pair";
    public const string Views = "views";

    /// <summary>Each step of the recipe by itself: milliseconds a view under <see cref="StepPrefix"/> and the step's name.</summary>
    public const string Steps = "steps";

    public const string StepPrefix = "step_";

    /// <summary>Of ours alone: the same with Skia's JPEG decoder, which machines without libturbojpeg use.</summary>
    public const string DecodeSkia = "decode_skia";

    /// <inheritdoc cref="DecodeSkia"/>
    public const string PairSkia = "pair_skia";

    /// <summary>Of ours alone: pairs a second from a folder through the loader.</summary>
    public const string Loader = "loader";

    /// <summary>Pairs a second of processor time through the loader.</summary>
    public const string LoaderCpu = "loader_cpu";

    /// <summary>Processor time of a pair, in milliseconds.</summary>
    public const string PairCpu = "pair_cpu";

    public const string BytesPerImage = "bytes_per_image";

    public const string LoaderBytesPerImage = "loader_bytes_per_image";

    /// <summary>What the peer measures.</summary>
    public static IReadOnlyList<string> Common { get; } = [Decode, Pair, Views, Steps];

    /// <summary>What we measure in one process, taking turns.</summary>
    public static IReadOnlyList<string> Direct { get; } = [.. Common, DecodeSkia, PairSkia];

    public static IReadOnlyList<string> All { get; } = [.. Direct, Loader];
}
