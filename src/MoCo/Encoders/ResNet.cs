using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Parts;
using MoCo.Encoders.ResNets;
using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>A residual network with torchvision's module names and initialisation (conv: Kaiming normal over the fan out; BatchNorm: 1 and
/// 0). Takes N×C×H×W float32, gives N×<see cref="FeatureDimension"/> features, or N×classes logits when built with <see cref="Classes"/>.
/// Source: He et al. 2016.</summary>
public sealed class ResNet : nn.Module<Tensor, Tensor>, IStagedNetwork
{
    private readonly Convolution conv1;
    private readonly SplitBatchNorm2d bn1;
    private readonly ResidualStage layer1;
    private readonly ResidualStage layer2;
    private readonly ResidualStage layer3;
    private readonly ResidualStage layer4;
    private readonly Linear? fc;
    private readonly bool pool;

    /// <summary>Builds the network with random weights drawn from <paramref name="generator"/>.</summary>
    /// <param name="options">Architecture, stem, channels, width, splits of BatchNorm; its head is not looked at.</param>
    /// <param name="precision">Arithmetic of the convolutions.</param>
    /// <param name="classes">Classes of a final linear layer <c>fc</c>, at least 1; null for the bare backbone.</param>
    /// <param name="generator">Source of the initial weights; null seeds one with 0.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1.</exception>
    public ResNet(EncoderOptions options, Precision precision = Precision.Float32, int? classes = null, Generator? generator = null)
        : this(options, precision, classes, generator, null, 0)
    {
    }

    /// <summary>The same with the stem and the first stages of another network, the modules themselves.</summary>
    internal ResNet(EncoderOptions options, Precision precision, int? classes, Generator? generator, ResNet? other, int sharedStages)
        : base(TorchLibrary.LoadFor(nameof(ResNet)))
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (classes < 1) throw new ArgumentOutOfRangeException(nameof(classes), classes, "expected 1 or more, or null for no classifier.");
        (Options, Precision, Classes) = (options, precision, classes);

        using Generator? own = generator is null ? new Generator(0, CPU) : null;
        LayerFactory layers = new(precision, options.BatchNormSplits, generator ?? own!);
        ResNetArchitecture architecture = ResNetArchitecture.Of(options.Backbone);
        int[] widths = architecture.StageWidths(options.Width);

        pool = options.Stem == Stem.ImageNet;
        conv1 = options.Stem switch
        {
            Stem.ImageNet => layers.Convolution(options.InputChannels, widths[0], 7, 2),
            Stem.SmallImageStride2 => layers.Convolution(options.InputChannels, widths[0], 3, 2),
            _ => layers.Convolution(options.InputChannels, widths[0], 3, 1),
        };
        bn1 = layers.BatchNorm(widths[0]);

        int channels = widths[0];
        layer1 = Stage(0);
        layer2 = Stage(1);
        layer3 = Stage(2);
        layer4 = Stage(3);
        FeatureDimension = channels;
        if (classes is int count) fc = layers.Linear(channels, count);
        if (other is not null && sharedStages > 0)
        {
            (conv1, bn1, layer1) = (Instead(conv1, other.conv1), Instead(bn1, other.bn1), Instead(layer1, other.layer1));
            if (sharedStages > 1) layer2 = Instead(layer2, other.layer2);
            if (sharedStages > 2) layer3 = Instead(layer3, other.layer3);
            if (sharedStages > 3) layer4 = Instead(layer4, other.layer4);
        }
        RegisterComponents();
        GC.KeepAlive(generator);

        // The numbers for what goes were drawn all the same: they are those of a network that shares nothing.
        static T Instead<T>(T own, T shared)
            where T : nn.Module
        {
            own.Dispose();
            return shared;
        }

        ResidualStage Stage(int stage)
        {
            int inner = (int)Math.Round(widths[stage] * architecture.InnerWidth);
            int outputs = widths[stage] * architecture.Expansion;
            ResidualBlock[] blocks = new ResidualBlock[architecture.Blocks[stage]];
            for (int i = 0; i < blocks.Length; i++)
            {
                int stride = i == 0 && stage > 0 ? 2 : 1;
                blocks[i] = new ResidualBlock(channels, inner, outputs, stride, architecture.Bottleneck, layers);
                channels = outputs;
            }
            return new ResidualStage(blocks);
        }
    }

    /// <summary>What the network was built from.</summary>
    public EncoderOptions Options { get; }

    /// <summary>Arithmetic of the convolutions.</summary>
    public Precision Precision { get; }

    /// <summary>Classes of the final linear layer; null for the bare backbone.</summary>
    public int? Classes { get; }

    /// <summary>Length of an image's feature vector before any <c>fc</c>: 512, 2048 … times the width.</summary>
    public int FeatureDimension { get; }

    /// <summary>The stem, then the residual stages.</summary>
    IReadOnlyList<Func<Tensor, Tensor>> IStagedNetwork.Stages => [Begin, layer1.call, layer2.call, layer3.call, End];

    /// <summary>Embeds a batch of images.</summary>
    /// <param name="input">N×C×H×W, float32, C = <see cref="EncoderOptions.InputChannels"/>.</param>
    /// <returns>N×<see cref="FeatureDimension"/> features or N×classes logits, float32.</returns>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        if (!is_grad_enabled() && Fuses(input)) return ForwardFused(input);
        using DisposeScope scope = NewDisposeScope();
        return End(layer3.call(layer2.call(layer1.call(Begin(input))))).MoveToOuterDisposeScope();
    }

    /// <summary>Stem and residual stages in fused layers.</summary>
    internal IReadOnlyList<Func<Tensor, FusedPass, Tensor>> FusedStages
        => [Begin, layer1.Forward, layer2.Forward, layer3.Forward, layer4.Forward];

    /// <summary>Whether a pass of a batch is computed in fused layers: in training, on a GPU, or on a CPU in float32, with weights that lie
    /// channels-last, and where no hook is registered in the network.</summary>
    internal bool Fuses(Tensor input)
        => training && input.dim() == 4 && input.size(0) > 1 && FusedLayers.CanBe(input, Precision)
            && conv1.Weight.dtype == ScalarType.Float32
            && pre_hooks.Count + post_hooks.Count + module_pre_hooks.Count + module_post_hooks.Count == 0
            && !conv1.IsHooked && bn1.Fuses && layer1.Fuses && layer2.Fuses && layer3.Fuses && layer4.Fuses;

    /// <summary>What follows the stages: N×C×h×w → N×<see cref="FeatureDimension"/>.</summary>
    internal Tensor Finish(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = x.to(ScalarType.Float32).mean([2, 3]);
        if (Groups(x) is { } groups) x = groups.Scatter(x);
        if (fc is not null) x = fc.call(x);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor ForwardFused(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using FusedPass pass = new();
        Tensor x = input.alias();
        foreach (Func<Tensor, FusedPass, Tensor> stage in FusedStages)
        {
            using Tensor before = x;
            x = stage(x, pass);
        }
        return Finish(x).MoveToOuterDisposeScope();
    }

    private Tensor Begin(Tensor input, FusedPass pass)
    {
        RefuseOtherThanImages(input);
        Tensor x = Groups(input) is { } groups ? groups.Gather(input) : input;
        return FusedStem.Forward(conv1, bn1, pool ? Pool : null, x, pass);
    }

    private static Tensor Pool(Tensor x) => nn.functional.max_pool2d(x, 3, stride: 2, padding: 1);

    private void RefuseOtherThanImages(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.shape[1] != Options.InputChannels)
            throw new ArgumentException(
                $"input is {string.Join("×", input.shape)}; expected N×{Options.InputChannels}×H×W.", nameof(input));
    }

    private BatchGroups? Groups(Tensor batch)
        => Options.BatchNormSplits > 1 && training ? BatchGroups.Of(batch.shape[0], Options.BatchNormSplits) : null;

    private Tensor Begin(Tensor input)
    {
        RefuseOtherThanImages(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Groups(input) is { } groups ? groups.Gather(input) : input;
        x = bn1.call(conv1.call(x)).relu_();
        if (pool) x = Pool(x);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor End(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return Finish(layer4.call(x)).MoveToOuterDisposeScope();
    }
}
