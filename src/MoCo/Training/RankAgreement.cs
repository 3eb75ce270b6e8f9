using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Distributed;
using MoCo.Loading;
using MoCo.Training.Checkpoints;

namespace MoCo.Training;

/// <summary>What ranks must have alike before they train, beside their state: ranks with other batches or other moments to save would wait
/// for each other for ever, ranks with other images or views would train what nobody asked for.</summary>
internal static class RankAgreement
{
    private const int MostImages = 4096;

    /// <summary>Compares the options, as JSON.</summary>
    /// <exception cref="ProcessGroupException">A rank has others; every rank throws, and names them.</exception>
    public static void CheckOptions(ProcessGroup group, string options)
    {
        if (group.Size == 1) return;
        using JsonDocument parsed = JsonDocument.Parse(options);
        group.RequireEqual([.. parsed.RootElement.EnumerateObject().Select(option => (option.Name, (string?)option.Value.GetRawText()))]);
    }

    /// <summary>Compares data, views and when things are done.</summary>
    /// <exception cref="ProcessGroupException">A rank has others; every rank throws.</exception>
    public static void Check(
        ProcessGroup group, TwoCropLoader loader, CheckpointPolicy? saving, bool savesToFile, int logEverySteps, string position)
    {
        if (group.Size == 1) return;
        group.RequireEqual(
            ("the number of images", Invariant($"{loader.Total:N0}")),
            ("the batches of an epoch", Invariant($"{loader.BatchesPerEpoch:N0}")),
            ("the images' names or labels", Images(loader.Source)),
            ("the views", Views(loader)),
            ("the checkpoints' policy", saving is null ? null : $"{saving with { GoOnAfterError = false }}"),
            ("CheckpointPath", $"{savesToFile}"),
            ("LogEverySteps", Invariant($"{logEverySteps}")),
            ("where the run stands", position));
    }

    private static string Views(TwoCropLoader loader)
    {
        return $"{loader.Views.All.Count}: {string.Join("; ", loader.Views.All.Select(Recipe).Distinct())}";

        static string Recipe(AugmentationRecipe recipe) => Invariant($"{recipe.OutputSize}×{recipe.OutputSize}, ")
            + string.Join(", ", [.. recipe.Steps.Select(Text), Text(recipe.Normalization)]);

        // Of a step of the caller's only its own text is known, if it has one.
        static string Text(object step)
        {
            Type kind = step.GetType();
            return kind.Assembly == typeof(AugmentationRecipe).Assembly ? $"{kind.Name} {JsonSerializer.Serialize(step, kind)}"
                : kind.IsSealed && step.ToString() is { } own ? own : kind.Name;
        }
    }

    /// <summary>A digest of some images' file names and labels, spread over all of them; folders may be mounted elsewhere.</summary>
    private static string Images(IImageSet set)
    {
        StringBuilder text = new(string.Join('\n', set.Classes));
        if (set is IImageSource source)
        {
            int every = (source.Count + MostImages - 1) / MostImages;
            for (int image = 0; image < source.Count; image += every)
                text.Append(CultureInfo.InvariantCulture, $"\n{Path.GetFileName(source.Locate(image))}:{source.Label(image)}");
        }
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
