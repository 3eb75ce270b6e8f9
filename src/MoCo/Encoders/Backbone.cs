using System.Text.Json;
using System.Text.Json.Serialization;
using MoCo.Encoders.ConvNeXts;
using MoCo.Encoders.ResNets;
using MoCo.Encoders.Transformers;

namespace MoCo.Encoders;

/// <summary>The network that an encoder is built on, by its name: one of the library's, or one that a program has registered. Options,
/// checkpoints and files of weights hold the name.</summary>
[JsonConverter(typeof(BackboneConverter))]
public sealed record Backbone
{
    // In this order they are told, and version 0.1.0 numbered them.
    private static readonly OrderedDictionary<string, (Backbone Backbone, Architecture Architecture)> known
        = new(StringComparer.OrdinalIgnoreCase);

    private Backbone(string name) => Name = name;

    /// <summary>The residual network of 18 layers, of basic blocks (2, 2, 2, 2); 512 features. This and the next are those of He et al.,
    /// "Deep Residual Learning for Image Recognition" (2016).</summary>
    public static Backbone ResNet18 { get; } = Add(nameof(ResNet18), new ResNetArchitecture(false, [2, 2, 2, 2]));

    /// <summary>34 layers of basic blocks (3, 4, 6, 3); 512 features.</summary>
    public static Backbone ResNet34 { get; } = Add(nameof(ResNet34), new ResNetArchitecture(false, [3, 4, 6, 3]));

    /// <summary>50 layers of bottleneck blocks (3, 4, 6, 3); 2048 features.</summary>
    public static Backbone ResNet50 { get; } = Add(nameof(ResNet50), new ResNetArchitecture(true, [3, 4, 6, 3]));

    /// <summary>101 layers of bottleneck blocks (3, 4, 23, 3); 2048 features.</summary>
    public static Backbone ResNet101 { get; } = Add(nameof(ResNet101), new ResNetArchitecture(true, [3, 4, 23, 3]));

    /// <summary>152 layers of bottleneck blocks (3, 8, 36, 3); 2048 features.</summary>
    public static Backbone ResNet152 { get; } = Add(nameof(ResNet152), new ResNetArchitecture(true, [3, 8, 36, 3]));

    /// <summary>ResNet-50 with every width doubled ("2×" in the MoCo paper, Table 1's neighbours); 4096 features.</summary>
    public static Backbone ResNet50Wide2 { get; } = Add(nameof(ResNet50Wide2), new ResNetArchitecture(true, [3, 4, 6, 3], Width: 2));

    /// <summary>ResNet-50 with every width quadrupled ("4×"); 8192 features.</summary>
    public static Backbone ResNet50Wide4 { get; } = Add(nameof(ResNet50Wide4), new ResNetArchitecture(true, [3, 4, 6, 3], Width: 4));

    /// <summary>torchvision's wide_resnet50_2: only the 3×3 convolutions inside the bottlenecks are doubled; 2048 features.</summary>
    public static Backbone WideResNet50 { get; } = Add(nameof(WideResNet50), new ResNetArchitecture(true, [3, 4, 6, 3], InnerWidth: 2));

    /// <summary>torchvision's wide_resnet101_2: as <see cref="WideResNet50"/> with 101 layers; 2048 features.</summary>
    public static Backbone WideResNet101 { get; } = Add(nameof(WideResNet101), new ResNetArchitecture(true, [3, 4, 23, 3], InnerWidth: 2));

    /// <summary>MoCo v3's vit_small: a vision transformer (Dosovitskiy et al. 2021) of 12 blocks, 384 wide, 12 heads of 32, patches of 16
    /// pixels, fixed sine and cosine positions and a frozen random patch projection (Chen, Xie and He 2021, §5); 384 features. Takes images
    /// whose sides are multiples of 16.</summary>
    public static Backbone ViTSmall { get; } = Add(nameof(ViTSmall), new TransformerArchitecture(new(384, 12, 12)));

    /// <summary>The same with the 6 heads of 64 of timm's vit_small_patch16_224 and of DeiT-S (Touvron et al. 2021), whose weights it
    /// takes: shapes do not tell the heads.</summary>
    public static Backbone ViTSmall6Heads { get; } = Add(nameof(ViTSmall6Heads), new TransformerArchitecture(new(384, 12, 6)));

    /// <summary>MoCo v3's vit_base, timm's vit_base_patch16_224: as <see cref="ViTSmall"/>, 768 wide, 12 heads of 64; 768
    /// features.</summary>
    public static Backbone ViTBase { get; } = Add(nameof(ViTBase), new TransformerArchitecture(new(768, 12, 12)));

    /// <summary>torchvision's convnext_tiny (Liu et al. 2022): blocks (3, 3, 9, 3), 96 to 768 wide; 768 features. Takes images of 32×32
    /// pixels and more.</summary>
    public static Backbone ConvNeXtTiny { get; } = Add(nameof(ConvNeXtTiny), new ConvNeXtArchitecture([3, 3, 9, 3], 96));

    /// <summary>The library's own; complete before a program can register any.</summary>
    internal static IReadOnlyList<Backbone> Library { get; } = All;

    /// <summary>The library's, then those that were registered so far.</summary>
    public static IReadOnlyList<Backbone> All
    {
        get
        {
            lock (known) return [.. known.Values.Select(entry => entry.Backbone)];
        }
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What it builds; null where no such name was registered.</summary>
    internal Architecture? Architecture
    {
        get
        {
            lock (known) return known.TryGetValue(Name, out (Backbone, Architecture Architecture) entry) ? entry.Architecture : null;
        }
    }

    /// <summary>Makes a network of the caller's own known under a name, for options, checkpoints and files of weights: once in a program,
    /// before one of them is read.</summary>
    /// <param name="name">The name, whatever its case; it is stored, so that a file needs the same one when it is read.</param>
    /// <param name="create">Makes the network on the CPU, N×C×H×W float32 → N×<paramref name="featureDimension"/> float32. The options are
    /// those of the encoder, of which it takes what it has a use for (<see cref="EncoderOptions.InputChannels"/>, say); the generator is
    /// seeded for it, and while it works, so are the numbers that TorchSharp's layers draw their first weights from.</param>
    /// <param name="featureDimension">Numbers that the network makes of an image, at least 1.</param>
    /// <returns>The backbone, for <see cref="EncoderOptions.Backbone"/>.</returns>
    /// <exception cref="ArgumentException">The name is blank or taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="featureDimension"/> is below 1.</exception>
    public static Backbone Register(string name, Func<EncoderOptions, Generator, nn.Module<Tensor, Tensor>> create, int featureDimension)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfLessThan(featureDimension, 1);
        return Add(name, new OwnArchitecture(name, create, featureDimension));
    }

    /// <summary>The backbone of a name. One that nobody registered yet is refused where an encoder is asked for.</summary>
    /// <param name="name">A name, whatever its case.</param>
    public static Backbone Of(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (known) return known.TryGetValue(name, out (Backbone Backbone, Architecture) entry) ? entry.Backbone : new Backbone(name);
    }

    /// <summary>Whether both have the same name, whatever its case.</summary>
    public bool Equals(Backbone? other) => string.Equals(Name, other?.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Makes an architecture known under a name.</summary>
    internal static Backbone Add(string name, Architecture architecture)
    {
        Backbone made = new(name);
        lock (known)
        {
            if (!known.TryAdd(name, (made, architecture)))
                throw new ArgumentException($"name is '{name}', a backbone that is there already; expected another.", nameof(name));
        }
        return made;
    }
}

/// <summary>A backbone in JSON: its name, or the number that version 0.1.0 wrote.</summary>
internal sealed class BackboneConverter : JsonConverter<Backbone>
{
    public override Backbone Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.GetString() is { } name && !string.IsNullOrWhiteSpace(name) => Backbone.Of(name),
        JsonTokenType.Number when reader.TryGetInt32(out int number) && number >= 0 && number < Backbone.Library.Count
            => Backbone.Library[number],
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, Backbone value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
}
