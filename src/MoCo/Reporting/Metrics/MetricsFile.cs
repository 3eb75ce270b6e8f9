namespace MoCo.Reporting;

/// <summary>Reads what a <see cref="MetricsWriter"/> wrote.</summary>
public static class MetricsFile
{
    /// <summary>Reads a file of JSON Lines. A last line that a crash cut off is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The rows, in order.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no row; the message has its number.</exception>
    public static IReadOnlyList<MetricsRow> Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        // A running writer has the file open.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return [.. Parse(bytes.AsSpan(0, length), path).Select(line => line.Row)];
    }

    /// <param name="bytes">The file's content.</param>
    /// <param name="path">Its name, for errors.</param>
    /// <returns>The rows, and where in the file each one's line ends.</returns>
    internal static List<(MetricsRow Row, int End)> Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var rows = new List<(MetricsRow, int)>();
        for (var start = 0; start < bytes.Length;)
        {
            int length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0) break;
            MetricsRow? row = MetricsLine.Read(bytes.Slice(start, length));
            start += length + 1;
            // After a power cut a file system may have left zeros where the last write should be.
            if (row is null && start == bytes.Length) break;
            rows.Add((row ?? throw new InvalidDataException($"Line {rows.Count + 1} of '{path}' is no row of metrics; expected an object of numbers with a \"{MetricsLine.Step}\"."), start));
        }
        return rows;
    }
}
