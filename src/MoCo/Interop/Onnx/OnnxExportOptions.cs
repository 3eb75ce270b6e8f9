using MoCo.Augmentation;

namespace MoCo.Interop.Onnx;

/// <summary>What <see cref="OnnxExport"/> writes; the properties are the parameters of <c>EncoderFiles.SaveOnnx</c>.</summary>
internal sealed record OnnxExportOptions
{
    public bool Embeddings { get; init; }

    public bool L2Normalize { get; init; }

    public bool FoldBatchNorm { get; init; } = true;

    public int? Height { get; init; }

    public int? Width { get; init; }

    public Normalize? Normalization { get; init; }

    internal void Check(int channels) => new OptionErrors("SaveOnnx was given errors")
        .Check(Height is null or >= 1, Height, "1 or more, or null for any", "height")
        .Check(Width is null or >= 1, Width, "1 or more, or null for any", "width")
        .Check(
            Normalization?.Channels is not int given || given == channels,
            Normalization?.Channels, $"{channels}, the encoder's", "normalization.Channels")
        .ThrowIfAny();
}
