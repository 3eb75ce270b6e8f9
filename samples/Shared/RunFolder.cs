namespace Samples;

/// <summary>Where the files of one run are. Training and evaluation write into the same folder, so that one path says everything about a
/// run. Nothing is made or opened here, files and folders may be missing.</summary>
/// <remarks>
/// <code>
/// options.json          what was asked for: the data, the recipe and what differs from the preset
/// metrics.csv           every logged number, a row each time
/// metrics.jsonl         the same as JSON Lines
/// events/               TensorBoard's event files
/// checkpoints/          last.ckpt and epoch-0010.ckpt, to resume or evaluate
/// bad/                  batches whose loss was not finite, each with the state before it
/// backbone.safetensors  the final weights, torchvision's names
/// evaluation/           what was measured afterwards: linear.json, knn.json and so on
/// report.html           the page to look at
/// curve.svg             its main curves as an image
/// error.txt             where a run failed: the trace
/// </code>
/// </remarks>
internal sealed class RunFolder
{
    private const string CheckpointsName = "checkpoints", OptionsName = "options.json";

    /// <summary>Names a run's folder.</summary>
    /// <param name="path">The folder, there or not.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public RunFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Root = Path.GetFullPath(path);
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>What was asked for, as JSON.</summary>
    public string Options => Path.Combine(Root, OptionsName);

    /// <summary>The logged numbers as JSON Lines.</summary>
    public string MetricsJsonLines => Path.Combine(Root, "metrics.jsonl");

    /// <summary>The folder of TensorBoard's event files.</summary>
    public string Events => Path.Combine(Root, "events");

    /// <summary>The folder of checkpoints (<c>CheckpointFolder</c>).</summary>
    public string Checkpoints => Path.Combine(Root, CheckpointsName);

    /// <summary>The folder of batches whose loss was not finite.</summary>
    public string BadBatches => Path.Combine(Root, "bad");

    /// <summary>The backbone's weights at the end of training.</summary>
    public string Backbone => Path.Combine(Root, "backbone.safetensors");

    /// <summary>The folder of what was measured after training.</summary>
    public string Evaluation => Path.Combine(Root, "evaluation");

    /// <summary>The page to look at.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>The main curves as an image.</summary>
    public string Curve => Path.Combine(Root, "curve.svg");

    /// <summary>The file of one kind of evaluation, such as <c>evaluation/knn.json</c>.</summary>
    /// <param name="name">The kind, a file's name without its extension.</param>
    /// <exception cref="ArgumentException">The name is empty or holds characters that a file's name can't.</exception>
    public string EvaluationFile(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
            throw new ArgumentException($"name is '{name}'; expected a file's name without folders.", nameof(name));
        return Path.Combine(Evaluation, name + ".json");
    }

    /// <summary>The run of a checkpoint or exported file: the folder above with <c>options.json</c> or <c>checkpoints/</c>.</summary>
    /// <param name="file">A file in a run's folder or in its <c>checkpoints</c>.</param>
    /// <returns>The run; null where the file lies in no run's folder.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static RunFolder? Of(string file)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        string? folder = Path.GetDirectoryName(Path.GetFullPath(file));
        if (Path.GetFileName(folder) == CheckpointsName) folder = Path.GetDirectoryName(folder);
        if (folder is null) return null;
        RunFolder run = new(folder);
        return File.Exists(run.Options) || Directory.Exists(run.Checkpoints) ? run : null;
    }
}
