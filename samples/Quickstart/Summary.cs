using System.Diagnostics;
using System.Text.Json;

namespace Quickstart;

/// <summary>The run in numbers, written as <c>summary.json</c>; accuracies in percent.</summary>
internal sealed record Summary
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n" };

    /// <summary>Accuracies are null where there were no labels to measure with.</summary>
    public required double? KnnPixels { get; init; }
    public required double? KnnUntrained { get; init; }
    public required double? KnnTrained { get; init; }
    public required double? LossFirst { get; init; }
    public required double? LossLast { get; init; }
    public required double LossChance { get; init; }

    /// <summary>Mean contrast accuracy at the end of training, 0–1: how often the other view of the same image was found among the negatives.</summary>
    public required double? ContrastAccuracy { get; init; }

    /// <summary>Of training alone; null where nothing was left to train.</summary>
    public required double? ImagesPerSecond { get; init; }
    public required long Steps { get; init; }
    public required double EpochsDone { get; init; }

    /// <summary>Epochs asked for; null in a run by time.</summary>
    public required int? Epochs { get; init; }

    /// <summary>Of the last step; null where nothing was left to train.</summary>
    public required double? LearningRateLast { get; init; }

    /// <summary>Training, interruptions left out, with the quick looks at it.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>The whole job since the program began, measurements included.</summary>
    public required double Seconds { get; init; }
    /// <summary>Images that could not be read and were left out.</summary>
    public required int Unreadable { get; init; }
    public required int ViewSize { get; init; }
    public required int Threads { get; init; }
    public required int Seed { get; init; }
    public double PeakMemoryMb { get; } = Math.Round(PeakMemory() / 1e6, 1);

    public void Write(string path) => WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Format));

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
