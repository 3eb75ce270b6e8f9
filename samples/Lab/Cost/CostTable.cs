using MoCo.Contrast;

namespace Lab.Cost;

/// <summary>An encoder whose steps are measured at some batches, and computed at the others.</summary>
/// <param name="Name">As tables call it.</param>
/// <param name="Setting">But for method and batch.</param>
/// <param name="Devices">Among how many a batch is divided; a step is that of one of them.</param>
/// <param name="Probes">Images on one device that are measured to compute others from, whatever is asked for.</param>
internal sealed record CostTable(string Name, StepSetting Setting, int Devices, IReadOnlyList<int> Probes)
{
    public static IReadOnlyList<int> Batches { get; } = [256, 512, 1024, 2048, 4096];

    public static IReadOnlyList<(MethodKind Kind, string Name)> Methods { get; }
        = [(MethodKind.MoCo, "MoCo"), (MethodKind.EndToEnd, "end-to-end")];

    /// <summary>That of the images and recipe of a laboratory.</summary>
    public static CostTable Own(Ground ground, int threads)
    {
        EncoderOptions encoder = ground.Recipe.Options.Encoder with { InputChannels = ground.Data.Train.Channels };
        string width = encoder.Width == 1 ? "" : $" of width {Values.Text(encoder.Width)}";
        int size = ground.Recipe.Views.OutputSize, queue = Math.Max(Batches[^1], ground.Recipe.Options.Queue.Length);
        return new CostTable($"{encoder.Backbone}{width}, {size}×{size}", new(default, 0, encoder, size, queue, threads), 1, []);
    }

    /// <summary>The paper's: ResNet-50, eight devices, K 65,536.</summary>
    public static CostTable Papers(int threads) => new(
        "ResNet50, 224×224, one of 8 devices",
        new(default, 0, MoCoOptions.V2.Encoder with { BatchNormSplits = 1 }, 224, MoCoOptions.V2.Queue.Length, threads), 8, [4, 8, 16]);
}
