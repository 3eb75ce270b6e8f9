namespace MoCo.Tensors;

/// <summary>What the processor computes in hardware, which .NET does not tell.</summary>
internal static class ProcessorUnits
{
    private const string Description = "/proc/cpuinfo";

    /// <summary>Whether it multiplies bfloat16 (Intel's and AMD's avx512_bf16 and amx_bf16, Arm's bf16); null where that is not
    /// known.</summary>
    public static bool? MultipliesBFloat16 { get; } = OperatingSystem.IsLinux() && File.Exists(Description)
        ? IsNamedIn(File.ReadLines(Description)) : null;

    /// <summary>Whether the description of a processor, as Linux gives it, names such a unit; null where it lists no features.</summary>
    internal static bool? IsNamedIn(IEnumerable<string> description)
    {
        string? features = description.FirstOrDefault(line =>
            line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal));
        return features?.Split([' ', '\t', ':']).Any(word => word is "avx512_bf16" or "amx_bf16" or "bf16");
    }
}
