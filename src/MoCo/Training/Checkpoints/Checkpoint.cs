using System.Text.Json;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Training.Checkpoints;

/// <summary>Where a run stands: everything of a checkpoint but its tensors.</summary>
/// <param name="Options">The run's options as JSON.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">The epoch under way, from 0.</param>
/// <param name="Batch">Batches of it that are done.</param>
/// <param name="Spent">Time that training has taken; null unless the run goes by time.</param>
/// <param name="Counters">What is counted of steps that were not finite.</param>
internal sealed record CheckpointPosition(string Options, long Step, int Epoch, int Batch, TimeSpan? Spent, StepCounters Counters);

/// <summary>A checkpoint file: the safetensors layout, sealed by a digest. Tensors: <c>method.*</c> (encoders, queue, pointer),
/// <c>optimizer.velocity.*</c> by parameter (of AdamW <c>optimizer.mean.*</c>, <c>optimizer.square.*</c> and <c>optimizer.steps</c>),
/// <c>rng.cpu</c> (torch's default generator), <c>probe.*</c> where an online probe learns along. Metadata: <c>format</c>,
/// <c>schema</c>, <c>version</c>, <c>options</c>, <c>step</c>, <c>epoch</c>, <c>batch</c>, of a run by time <c>seconds</c>, and
/// <c>counters</c> (<see cref="StepCounters"/> as JSON) where one has counted.</summary>
internal static class Checkpoint
{
    /// <summary>What the names of the online probe's tensors begin with.</summary>
    public const string Probe = "probe.";

    private const string Format = "moco-checkpoint";
    private const int Schema = 1;

    /// <summary>Writes a checkpoint, atomically.</summary>
    public static void Write(string path, CheckpointPosition position, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        Dictionary<string, string> metadata = new()
        {
            ["format"] = Format,
            ["schema"] = Schema.ToString(CultureInfo.InvariantCulture),
            ["version"] = typeof(Checkpoint).Assembly.GetName().Version!.ToString(3),
            ["options"] = position.Options,
            ["step"] = position.Step.ToString(CultureInfo.InvariantCulture),
            ["epoch"] = position.Epoch.ToString(CultureInfo.InvariantCulture),
            ["batch"] = position.Batch.ToString(CultureInfo.InvariantCulture),
        };
        if (position.Spent is { } spent) metadata["seconds"] = spent.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture);
        if (position.Counters != new StepCounters()) metadata["counters"] = JsonSerializer.Serialize(position.Counters);
        SafetensorsWriter.Write(path, tensors, metadata);
    }

    /// <summary>Opens a checkpoint after checking its seal, so that nothing damaged is ever taken over.</summary>
    /// <exception cref="InvalidDataException">It is damaged, truncated, or no checkpoint of a schema that is known.</exception>
    public static (SafetensorsFile File, CheckpointPosition Position) Open(string path) =>
        SafetensorsFile.Open(path, "a checkpoint of this library").HandTo(file =>
        {
            IReadOnlyDictionary<string, string> metadata = file.Metadata;
            string format = metadata.GetValueOrDefault("format") ?? "not stated";
            if (format != Format)
                throw new InvalidDataException($"{path} is not a MoCo checkpoint: its format is '{format}'; expected '{Format}'.");
            if (Number(path, metadata, "schema") != Schema)
                throw new InvalidDataException($"{path} has schema {metadata["schema"]}; this version reads {Schema}.");
            file.VerifySeal();
            return (file, new CheckpointPosition(
                metadata.GetValueOrDefault("options") ?? throw new InvalidDataException($"{path} has no options."),
                Number(path, metadata, "step"),
                (int)Number(path, metadata, "epoch", int.MaxValue),
                (int)Number(path, metadata, "batch", int.MaxValue),
                Seconds(path, metadata),
                Counters(path, metadata)));
        });

    /// <summary>Compares a checkpoint's tensors with those of a run by names, types and shapes. A probe that the run does without may
    /// be left over.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another architecture, queue or optimizer.</exception>
    public static void Compare(string path, SafetensorsFile file, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        Dictionary<string, StoredTensor> found = new(file.Tensors, StringComparer.Ordinal);
        List<string> differences = new();
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (!found.Remove(name, out StoredTensor? entry)) differences.Add($"{name} is missing");
            else if (entry.Type != tensor.dtype || !entry.Shape.SequenceEqual(tensor.shape))
                differences.Add(
                    $"{name} is {string.Join("×", entry.Shape)} {entry.Type}, expected {string.Join("×", tensor.shape)} {tensor.dtype}");
        }
        differences.AddRange(found.Keys.Where(name => !IsOfProbe(name)).Select(name => $"{name} was not expected"));
        if (differences.Count > 0)
            throw new InvalidDataException(
                $"{path} is the checkpoint of another model, {differences.Count} differences: "
                + $"{string.Join("; ", differences.Take(5))}{(differences.Count > 5 ? "; …" : ".")}");
    }

    public static bool IsOfProbe(string name) => name.StartsWith(Probe, StringComparison.Ordinal);

    /// <summary>Copies a checkpoint's tensors into those of a run that is like it.</summary>
    public static void CopyInto(SafetensorsFile file, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using IDisposable _ = no_grad();
        foreach ((string name, Tensor tensor) in tensors)
        {
            using Tensor read = file.Read(name);
            tensor.copy_(read);
        }
    }

    private static TimeSpan? Seconds(string path, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("seconds", out string? text)) return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidDataException($"{path} has 'seconds' = '{text}'; expected the time that training has taken.");
    }

    private static StepCounters Counters(string path, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return metadata.TryGetValue("counters", out string? text) ? JsonSerializer.Deserialize<StepCounters>(text)!
                : new StepCounters();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} has 'counters' that this version does not understand: {error.Message}", error);
        }
    }

    private static long Number(string path, IReadOnlyDictionary<string, string> metadata, string name, long most = long.MaxValue)
        => long.TryParse(metadata.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
            ? value
            : throw new InvalidDataException(
                $"{path} has '{name}' = '{metadata.GetValueOrDefault(name)}'; expected a whole number up to {most}.");
}
