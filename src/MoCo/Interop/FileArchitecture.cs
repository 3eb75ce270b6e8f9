using System.Text.Json;
using MoCo.Encoders;

namespace MoCo.Interop;

/// <summary>The architecture of a file's encoder, found in its tensors' shapes or in its options.</summary>
internal sealed record FileArchitecture(ResNetOptions Backbone, HeadKind Head, int Dimension)
{
    private const int DefaultDimension = 128;

    /// <exception cref="InvalidDataException">No network of this library has such tensors.</exception>
    public static FileArchitecture Of(WeightFile file, Stem? stem)
    {
        if (file.Layout == WeightLayout.Checkpoint && file.Metadata.TryGetValue("options", out string? json)) return OfOptions(file.Path, json);
        long[] conv = Shape("conv1.weight") ?? throw Unknown("it has no conv1.weight");
        if (conv is not [_, 1 or 3, 3 or 7, _]) throw Unknown($"its conv1.weight is {string.Join("×", conv)}");
        int[] blocks = [.. Enumerable.Range(1, 4).Select(stage => Enumerable.Range(0, 1000).TakeWhile(block => Shape($"layer{stage}.{block}.conv1.weight") is not null).Count())];
        bool bottleneck = Shape("layer1.0.conv3.weight") is not null;
        long inner = Shape("layer4.0.conv1.weight")?[0] ?? 0, outputs = Shape(bottleneck ? "layer4.0.conv3.weight" : "layer4.0.conv2.weight")?[0] ?? 0;

        // Width multiplies the nominal widths; of wide networks that are also named, the name is taken.
        double width = outputs / (512.0 * (bottleneck ? 4 : 1));
        bool wide = bottleneck && inner > 0 && inner * 2 == outputs;
        Backbone name = Enum.GetValues<Backbone>().Where(candidate => ResNetArchitecture.Of(candidate) is var a && a.Width == 1
            && a.Bottleneck == bottleneck && a.Blocks.AsSpan().SequenceEqual(blocks) && a.InnerWidth == (wide ? 2 : 1)).Select(candidate => (Backbone?)candidate).FirstOrDefault()
            ?? throw Unknown($"its stages have {string.Join(", ", blocks)} {(bottleneck ? "bottlenecks" : "basic blocks")}");
        if ((name, width) is (Encoders.Backbone.ResNet50, 2 or 4)) (name, width) = (width == 2 ? Encoders.Backbone.ResNet50Wide2 : Encoders.Backbone.ResNet50Wide4, 1);
        var options = new ResNetOptions
        {
            Backbone = name,
            Width = width,
            InputChannels = (int)conv[1],
            Stem = conv[2] == 7 ? Stem.ImageNet : stem ?? (Enum.TryParse(file.Metadata.GetValueOrDefault(EncoderFiles.StemKey), out Stem stated) ? stated : Stem.SmallImage),
        };
        if (options.Errors() is { Count: > 0 } errors) throw Unknown(string.Join(" ", errors));

        long[]? first = HeadShape(0), second = HeadShape(2);
        return new FileArchitecture(options, second is null ? HeadKind.Linear : HeadKind.Mlp, (int)((second ?? first)?[0] ?? DefaultDimension));

        long[]? Shape(string tensor) => file.Query.TryGetValue("backbone." + tensor, out StoredWeight? weight) ? [.. weight.Tensor.Shape] : null;

        long[]? HeadShape(int layer) => file.Query.TryGetValue($"head.layers.{layer}.weight", out StoredWeight? weight) && weight.Tensor.Shape is [> 0 and < int.MaxValue, _] ? [.. weight.Tensor.Shape] : null;

        InvalidDataException Unknown(string why) => new($"{file.Path} (layout {file.Layout}) is of no residual network that this library builds: {why}.");
    }

    public Encoder Build() => Encoder.Create(Backbone, Head, Dimension);

    private static FileArchitecture OfOptions(string path, string json)
    {
        try
        {
            MoCoOptions options = JsonSerializer.Deserialize<MoCoOptions>(json) ?? throw new JsonException("null");
            options.Validate();
            return new FileArchitecture(options.Encoder(), options.Head, options.EmbeddingDimension);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"{path} holds options that this version does not understand: {e.Message}", e);
        }
    }
}
