using MoCo.Encoders;
using MoCo.Encoders.ConvNeXts;
using MoCo.Encoders.ResNets;
using MoCo.Encoders.Transformers;
using MoCo.Tensors;
using MoCo.Training.Checkpoints;

namespace MoCo.Interop.Layouts;

/// <summary>The architecture of a file's encoder, found in its tensors' shapes or in its options.</summary>
internal static class FileArchitecture
{
    private const int DefaultDimension = 128;

    /// <exception cref="InvalidDataException">No network of this library has such tensors.</exception>
    public static EncoderOptions Of(WeightFile file, Stem? stem)
    {
        if (file.Layout == WeightLayout.Checkpoint && file.Metadata.TryGetValue("options", out string? json))
            return InFile(Stated(json));
        if (file.Metadata.TryGetValue(EncoderFiles.OptionsKey, out json))
        {
            EncoderOptions own = Stated(json);
            // A backbone alone gets the usual head.
            return InFile(file.Layout == WeightLayout.Encoder ? own
                : own with { Head = HeadKind.Linear, EmbeddingDimension = DefaultDimension });
        }
        EncoderOptions found = Shape("cls_token") is not null ? Transformer()
            : Shape("features.0.0.weight") is not null ? ConvNeXt() : ResNet();
        int layers = found.Backbone.Architecture!.ProjectorLayers;
        // v3's head has a BatchNorm between its layers, which so have other numbers.
        bool isNormed = file.Query.ContainsKey("head.layers.1.running_mean");
        long[]? first = HeadShape(0), last = HeadShape(isNormed ? 3 * (layers - 1) : 2);
        int? direct = first is null && int.TryParse(file.Metadata.GetValueOrDefault(EncoderFiles.DirectKey), CultureInfo.InvariantCulture,
            out int taken) ? taken : null;
        EncoderOptions options = found with
        {
            Head = direct is not null ? HeadKind.Direct
                : isNormed ? HeadKind.BatchNormMlp
                : last is null ? HeadKind.Linear : HeadKind.Mlp,
            HiddenDimension = isNormed && first is [long hidden, _] ? (int)hidden : new EncoderOptions().HiddenDimension,
            EmbeddingDimension = direct ?? (int)((last ?? first)?[0] ?? DefaultDimension),
            BatchNormSplits = 1,
        };
        try
        {
            options.Validate();
            return InFile(options);
        }
        catch (ArgumentException impossible)
        {
            throw Unknown(impossible.Message.TrimEnd('.'));
        }

        EncoderOptions ResNet()
        {
            long[] conv = Shape("conv1.weight") ?? throw Unknown("it has no conv1.weight");
            if (conv is not [_, 1 or 3, 3 or 7, _]) throw Unknown($"its conv1.weight is {StoredTensor.Text(conv)}");
            int[] blocks = [.. Enumerable.Range(1, 4).Select(stage => Count(block => $"layer{stage}.{block}.conv1.weight"))];
            bool bottleneck = Shape("layer1.0.conv3.weight") is not null;
            long inner = Shape("layer4.0.conv1.weight")?[0] ?? 0;
            long outputs = Shape(bottleneck ? "layer4.0.conv3.weight" : "layer4.0.conv2.weight")?[0] ?? 0;

            // Width multiplies the nominal widths; of wide networks that are also named, the name is taken.
            double width = outputs / (512.0 * (bottleneck ? 4 : 1));
            int innerWidth = bottleneck && inner > 0 && inner * 2 == outputs ? 2 : 1;
            Backbone name = ResNetArchitecture.All.FirstOrDefault(IsOf)
                ?? throw Unknown($"its stages have {string.Join(", ", blocks)} {(bottleneck ? "bottlenecks" : "basic blocks")}");
            if (name == Backbone.ResNet50 && width is 2 or 4)
                (name, width) = (width == 2 ? Backbone.ResNet50Wide2 : Backbone.ResNet50Wide4, 1);
            Stem stated = Enum.TryParse(file.Metadata.GetValueOrDefault(EncoderFiles.StemKey), out Stem said) ? said : Stem.SmallImage;
            return new EncoderOptions
            {
                Backbone = name,
                Width = width,
                InputChannels = (int)conv[1],
                Stem = conv[2] == 7 ? Stem.ImageNet : stem ?? stated,
            };

            bool IsOf(Backbone backbone) => ResNetArchitecture.Of(backbone) is { Width: 1 } architecture
                && (architecture.Bottleneck, architecture.InnerWidth) == (bottleneck, innerWidth)
                && architecture.Blocks.AsSpan().SequenceEqual(blocks);
        }

        // No shape tells the heads. MoCo v3's files say which of its two networks they have; whatever else has timm's names has its heads
        // of 64 numbers, as the networks of Touvron et al. 2021.
        EncoderOptions Transformer()
        {
            if (Shape("patch_embed.proj.weight") is not [long width, 1 or 3, VisionTransformer.Patch, VisionTransformer.Patch] patches)
                throw Unknown("it has no patch_embed.proj.weight of 16×16 pixels");
            if (Count(block => $"blocks.{block}.attn.qkv.weight") is int depth and not 12) throw Unknown($"it has {depth} blocks");
            string? arch = (file.Root as OrderedDictionary<object, object?>)?.GetValueOrDefault("arch") as string;
            bool isBase = arch == "vit_base" || (arch != "vit_small" && width == 768);
            Backbone name = isBase ? Backbone.ViTBase
                : file.Layout == WeightLayout.OfficialV3 ? Backbone.ViTSmall : Backbone.ViTSmall6Heads;
            return new EncoderOptions
            {
                Backbone = name,
                Width = (double)width / new EncoderOptions { Backbone = name, BatchNormSplits = 1 }.FeatureDimension,
                InputChannels = (int)patches[1],
            };
        }

        EncoderOptions ConvNeXt()
        {
            if (Shape("features.0.0.weight") is not [long width, 1 or 3, 4, 4] conv)
                throw Unknown("its features.0.0.weight is no 4×4 stem");
            int[] depths = [.. Enumerable.Range(0, 4).Select(stage => Count(block => $"features.{2 * stage + 1}.{block}.block.0.weight"))];
            ConvNeXtArchitecture tiny = (ConvNeXtArchitecture)Backbone.ConvNeXtTiny.Architecture!;
            if (!tiny.Depths.AsSpan().SequenceEqual(depths)) throw Unknown($"its stages have {string.Join(", ", depths)} blocks");
            return new EncoderOptions
            {
                Backbone = Backbone.ConvNeXtTiny,
                Width = (double)width / tiny.FirstWidth,
                InputChannels = (int)conv[1],
            };
        }

        // A few bytes can state a network of gigabytes: its largest layers must be in the file before it is built.
        EncoderOptions InFile(EncoderOptions stated)
        {
            Architecture architecture = stated.Backbone.Architecture!;
            long features = stated.FeatureDimension, dimension = stated.EmbeddingDimension;
            if (architecture.Witness(stated) is { } witness) Require(witness.Name, Shape(witness.Name), witness.Shape);
            if (stated.Head == HeadKind.Direct || (HeadShape(0) is null && file.Layout != WeightLayout.Checkpoint)) return stated;
            (long between, int? last) = stated.Head switch
            {
                HeadKind.Linear => (dimension, (int?)null),
                HeadKind.Mlp => (features, 2),
                _ => (stated.HiddenDimension, 3 * (architecture.ProjectorLayers - 1)),
            };
            Require("head.layers.0.weight", HeadShape(0), between, features);
            if (last is int layer) Require($"head.layers.{layer}.weight", HeadShape(layer), dimension, between);
            return stated;
        }

        EncoderOptions Stated(string json)
            => StoredOptions.Read<EncoderOptions>(file.Path, json, options => options.Validate(), "Encoder");

        void Require(string name, long[]? found, params long[] expected)
        {
            string shape = found is null ? "missing" : StoredTensor.Text(found);
            if (found is null || !found.AsSpan().SequenceEqual(expected))
                throw Unknown($"its {name} is {shape}, expected {StoredTensor.Text(expected)}");
        }

        int Count(Func<int, string> tensor) => Enumerable.Range(0, 1000).TakeWhile(block => Shape(tensor(block)) is not null).Count();

        long[]? Shape(string tensor)
            => file.Query.TryGetValue("backbone." + tensor, out StoredWeight? weight) ? [.. weight.Tensor.Shape] : null;

        long[]? HeadShape(int layer)
            => file.Query.TryGetValue($"head.layers.{layer}.weight", out StoredWeight? weight)
                && weight.Tensor.Shape is [> 0 and < int.MaxValue, _] ? [.. weight.Tensor.Shape] : null;

        InvalidDataException Unknown(string why)
            => new($"{file.Path} (layout {file.Layout}) is of no network that this library builds: {why}.");
    }
}
