using MoCo.Reporting.Metrics;

namespace MoCo.Reporting;

/// <summary>What was measured at a step.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Values">Values by name; not a number where the value was not finite.</param>
public sealed record MetricsRow(long Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Reads the JSON Lines that a <see cref="MetricsWriter"/> wrote. A last line that a crash cut off is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The rows, in order.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no row; the message has its number.</exception>
    public static IReadOnlyList<MetricsRow> ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        // A running writer has the file open.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return [.. MetricsLines.Read(bytes.AsSpan(0, length), path).Select(line => line.Row)];
    }
}
