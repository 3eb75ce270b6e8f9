using System.Text.Json;

namespace Samples.Encoders;

/// <summary>How large an image is shown to an encoder, and with which statistics: as asked for, else as its file says, else as in training
/// where the run's folder says it, else as is usual for encoders of its kind.</summary>
internal static class ViewSettings
{
    /// <summary>Up to this size the CIFAR recipe is the usual one.</summary>
    private const int LargestSmallView = 64;

    private const string SizeKey = "view_size", MeanKey = "mean", DeviationKey = "deviation";

    /// <summary>Views as a file's metadata hold them.</summary>
    public static Dictionary<string, string> Facts(int size, Normalize normalization) => new()
    {
        [SizeKey] = $"{size}",
        [MeanKey] = string.Join(' ', normalization.Mean),
        [DeviationKey] = string.Join(' ', normalization.Deviation),
    };

    public static (int Size, Normalize Normalization) For(
        EncoderChoice choice, MoCo.Encoders.EncoderOptions network, IReadOnlyDictionary<string, string> metadata)
    {
        bool grey = network.InputChannels == 1;
        (int? trained, Normalize? statistics) = metadata.ContainsKey(SizeKey) ? Told(choice.Path, metadata)
            : RunFolder.Of(choice.Path) is { } run ? Trained(run.Options, grey) : (null, null);
        int size = choice.Size ?? trained ?? (network.Stem == Stem.ImageNet ? 224 : grey ? 28 : 32);
        Normalize normalization = choice.Normalization ?? statistics
            ?? (grey ? Normalize.HalfRange : size <= LargestSmallView ? Normalize.Cifar10 : Normalize.ImageNet);
        if (normalization.Channels is not int channels || channels == network.InputChannels) return (size, normalization);
        throw new UsageException($"--normalize has statistics for {channels} channels, the encoder takes {network.InputChannels}; "
            + "expected half, unit, mnist or fashion-mnist.");
    }

    /// <summary>What a file's metadata say of its views.</summary>
    private static (int? Size, Normalize? Normalization) Told(string path, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return (int.Parse(metadata[SizeKey], CultureInfo.InvariantCulture), new Normalize(Numbers(MeanKey), Numbers(DeviationKey)));
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"{path} does not say its views as expected: {error.Message}", error);
        }

        double[] Numbers(string name) => [.. metadata.GetValueOrDefault(name, "").Split(' ')
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    /// <summary>What a run's options say of its views, a preset's defaults included; nothing where there are none.</summary>
    private static (int? Size, Normalize? Normalization) Trained(string path, bool grey)
    {
        if (!File.Exists(path)) return (null, null);
        try
        {
            JsonObject options = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("it is no object");
            // Without views of its own a preset has those for grey images where they are grey.
            string? kind = (options["views"] ?? (grey ? "grey" : options["preset"]))?.ToString().ToLowerInvariant();
            (int? usual, Normalize? statistics) = kind switch
            {
                "grey" => ((int?)28, Normalize.HalfRange),
                "v3" when grey => (28, Normalize.HalfRange),
                "v1" or "v2" or "v3" or "v3-vit" => (224, Normalize.ImageNet),
                "cifar" => (32, Normalize.Cifar10),
                _ => (null, null),
            };
            return (options["view-size"]?.GetValue<int>() ?? usual, statistics);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} does not say a run's options as expected: {error.Message}", error);
        }
    }
}
