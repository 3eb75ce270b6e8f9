using MoCo.Encoders.Layers;
using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders.ConvNeXts;

/// <summary>A ConvNeXt with torchvision's names and initialisation (weights normal with deviation 0.02, biases 0, scales 1e-6). Takes
/// N×C×H×W float32 of at least 32×32 pixels, gives the normalised mean over the image, N×F. No layer is dropped at random. Source:
/// Liu et al., "A ConvNet for the 2020s" (2022).</summary>
internal sealed class ConvNeXt : nn.Module<Tensor, Tensor>, IStagedNetwork
{
    private const double Deviation = 0.02;

    private readonly Sequential features;
    private readonly Sequential classifier;
    private readonly int channels;

    /// <param name="widths">Channels of the four stages.</param>
    /// <param name="depths">Their blocks.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="precision">Arithmetic of convolutions and linear layers; normalisation and shortcuts stay float32.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public ConvNeXt(int[] widths, int[] depths, int channels, Precision precision, Generator generator)
        : base(TorchLibrary.LoadFor(nameof(ConvNeXt)))
    {
        this.channels = channels;
        Action<Tensor> start = values => values.normal_(0, Deviation, generator);
        List<nn.Module<Tensor, Tensor>> stages = [Pair(
            new BiasedConvolution(channels, widths[0], 4, 4, precision, start), new ChannelNormalization(widths[0]))];
        for (int stage = 0; stage < widths.Length; stage++)
        {
            int width = widths[stage];
            if (stage > 0)
                stages.Add(Pair(new ChannelNormalization(widths[stage - 1]),
                    new BiasedConvolution(widths[stage - 1], width, 2, 2, precision, start)));
            stages.Add(Numbered([.. Enumerable.Range(0, depths[stage]).Select(_ => new ConvNeXtBlock(width, precision, start))]));
        }
        features = Numbered([.. stages]);
        classifier = nn.Sequential(("0", new ChannelNormalization(widths[^1]))); // torchvision has it there, before its linear layer
        RegisterComponents();
        GC.KeepAlive(generator);
    }

    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        Check(input);
        using DisposeScope scope = NewDisposeScope();
        return End(features.call(input)).MoveToOuterDisposeScope();
    }

    /// <summary>The stem, the stages and what halves the image between them, the mean.</summary>
    IReadOnlyList<Func<Tensor, Tensor>> IStagedNetwork.Stages
        => [Begin, .. features.children().Skip(1).Cast<nn.Module<Tensor, Tensor>>().Select(stage => (Func<Tensor, Tensor>)stage.call), End];

    private void Check(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.size(1) != channels || input.size(2) < ConvNeXtArchitecture.LeastSide
            || input.size(3) < ConvNeXtArchitecture.LeastSide)
            throw new ArgumentException($"input is {string.Join("×", input.shape)}; expected N×{channels}×H×W with H and W of "
                + $"{ConvNeXtArchitecture.LeastSide} or more.", nameof(input));
    }

    private Tensor Begin(Tensor input)
    {
        Check(input);
        return features[0].call(input);
    }

    private Tensor End(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = x.to(ScalarType.Float32).mean([2, 3], keepdim: true); // N×F×1×1
        return classifier.call(mean).flatten(1).MoveToOuterDisposeScope();
    }

    private static Sequential Pair(nn.Module<Tensor, Tensor> first, nn.Module<Tensor, Tensor> second) => Numbered(first, second);

    private static Sequential Numbered(params nn.Module<Tensor, Tensor>[] modules)
        => nn.Sequential([.. modules.Select((module, index) => ($"{index}", module))]);

    /// <summary>Normalisation over the channels of each place.</summary>
    private sealed class ChannelNormalization(int features) : LayerNormalization(features)
    {
        public override Tensor forward(Tensor input)
        {
            using Tensor last = input.permute(0, 2, 3, 1);
            using Tensor normal = base.forward(last);
            return normal.permute(0, 3, 1, 2);
        }
    }
}
