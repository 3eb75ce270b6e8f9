using MoCo.Training.Checkpoints;

namespace Samples.Encoders;

/// <summary>Lets a run's folder stand for the weights in it.</summary>
internal static class WeightPath
{
    /// <summary>A file as it is; of a run's folder the newest whole checkpoint, else the backbone that it ended with.</summary>
    /// <exception cref="UsageException">A folder without either, or nothing at all.</exception>
    public static string Of(string path)
    {
        if (File.Exists(path)) return path;
        UsageException.ThrowIf(
            !Directory.Exists(path), $"{path}: no such file or folder; expected a run's folder or a file of an encoder's weights.");
        RunFolder run = new(path);
        string? newest = CheckpointFolder.Newest(run.Checkpoints) ?? CheckpointFolder.Newest(path);
        if (newest is not null) return newest;
        return File.Exists(run.Backbone) ? run.Backbone : throw new UsageException($"{path} has no whole checkpoint and no "
            + $"{Path.GetFileName(run.Backbone)}; expected a run's folder or a file of weights.");
    }
}
