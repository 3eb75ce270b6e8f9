using System.Text.Json;
using System.Text.Json.Nodes;

namespace MoCo.Training.Checkpoints;

/// <summary>A run's options as a checkpoint holds them: JSON by the names of the records' properties, enumerations as words. Version 0.1.0
/// had them flat, enumerations as numbers, and among them two that are none of a run's.</summary>
internal static class StoredOptions
{
    private static readonly Dictionary<string, string> FlatNames = new()
    {
        ["Backbone"] = "Encoder.Backbone",
        ["Stem"] = "Encoder.Stem",
        ["InputChannels"] = "Encoder.InputChannels",
        ["Width"] = "Encoder.Width",
        ["Head"] = "Encoder.Head",
        ["EmbeddingDimension"] = "Encoder.EmbeddingDimension",
        ["BatchNormSplits"] = "Encoder.BatchNormSplits",
        ["KeyMomentum"] = "KeyEncoder.Momentum",
        ["ShuffleKeys"] = "KeyEncoder.ShuffleBatch",
        ["QueueLength"] = "Queue.Length",
        ["TrackQueue"] = "Queue.TrackSlots",
        ["Temperature"] = "Loss.Temperature",
        ["Symmetric"] = "Loss.Symmetric",
        ["BlockLogits"] = "Loss.BlockLogits",
        ["LearningRate"] = "Optimizer.LearningRate",
        ["ScaleLearningRate"] = "Optimizer.ScaleLearningRate",
        ["SgdMomentum"] = "Optimizer.Momentum",
        ["Nesterov"] = "Optimizer.Nesterov",
        ["WeightDecay"] = "Optimizer.WeightDecay",
        ["DecayAll"] = "Optimizer.DecayAll",
    };

    public static string Write<T>(T options) => JsonSerializer.Serialize(options);

    /// <summary>Reads a checkpoint's options, or the group of them that a property holds.</summary>
    /// <exception cref="InvalidDataException">These are no options that this version understands.</exception>
    public static T Read<T>(string path, string json, Action<T> validate, string? group = null)
        where T : class
    {
        try
        {
            JsonObject all = Nested(JsonNode.Parse(json) as JsonObject ?? throw new JsonException("it is no object"));
            if (all["Schedule"] is JsonObject schedule && !schedule.ContainsKey("$type"))
                throw new JsonException("its schedule is none of this library's; make the trainer with it, and Load the file");
            T options = (group is null ? all : all[group])?.Deserialize<T>() ?? throw new JsonException($"there is no {group ?? "object"}");
            validate(options);
            return options;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} holds options that this version does not understand: {e.Message}", e);
        }
    }

    private static JsonObject Nested(JsonObject stored)
    {
        JsonObject nested = new();
        foreach ((string name, JsonNode? value) in stored)
        {
            string[] place = FlatNames.GetValueOrDefault(name, name).Split('.');
            JsonObject holder = nested;
            if (place.Length == 2)
            {
                if (nested[place[0]] is not JsonObject) nested[place[0]] = new JsonObject();
                holder = (JsonObject)nested[place[0]]!;
            }
            holder[place[^1]] = value?.DeepClone();
        }
        return nested;
    }
}
