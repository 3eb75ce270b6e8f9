using MoCo.Encoders;
using MoCo.Training;

namespace Quickstart;

/// <summary>Where a run's results go.</summary>
internal sealed class OutputFolder
{
    private readonly string path;

    /// <summary>Makes the folder and tries to write, so that nobody trains for minutes to learn that it can't be done.</summary>
    /// <exception cref="UsageException">The folder can't be made or written.</exception>
    public OutputFolder(string? asked)
    {
        path = Path.GetFullPath(asked ?? Places.DefaultOut);
        try
        {
            Directory.CreateDirectory(path);
            using var probe = new FileStream(Path.Combine(path, $".probe.{Environment.ProcessId}"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            probe.WriteByte(0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The output folder {path} can't be written: {error.Message} Name another with --out DIR.");
        }
    }

    public string Shown => Places.Shown(path);
    public string Checkpoint => Path.Combine(path, "moco.ckpt");
    public string Backbone => Path.Combine(path, "backbone.safetensors");
    public string CurveCsv => Path.Combine(path, "curve.csv");
    /// <summary>The curve of the run that a checkpoint belongs to.</summary>
    public string CurveBeside(string checkpoint) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!, Path.GetFileName(CurveCsv));
    public string CurveSvg => Path.Combine(path, "curve.svg");
    public string Summary => Path.Combine(path, "summary.json");
}
