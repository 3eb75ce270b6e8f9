using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

public sealed class FlatParametersTests
{
    [Fact]
    public void Parameters_keep_their_values_and_become_views()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder encoder = Small();
        Dictionary<string, Tensor> before = encoder.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using FlatParameters flat = new(encoder, withGradients: true);
        foreach ((string name, Tensor value) in before) Fixture.Near(value, encoder.state_dict()[name], 0, name);
        Assert.Equal(encoder.parameters().Sum(p => p.NumberOfElements), flat.Values.NumberOfElements);

        using (no_grad()) flat.Values.copy_(flat.Values.Times(2L));
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in encoder.named_parameters())
            Fixture.Near(before[name].Times(2L), parameter, 0, name);
        Assert.True(flat.IsCurrent);
    }

    [Fact]
    public void Backward_adds_into_the_flat_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder plain = Small(), flattened = Small();
        using FlatParameters flat = new(flattened, withGradients: true);
        manual_seed(1);
        Tensor x = rand(16, 1, 32, 32); // enough values a channel for BatchNorm to be well-conditioned to the last stage
        plain.call(x).Squared().sum().backward();
        flattened.call(x).Squared().sum().backward();
        foreach (FlatParameter entry in flat.Entries)
        {
            Tensor expected = plain.get_parameter(entry.Name)!.grad!;
            double scale = expected.abs().max().item<float>(); // sums in another order: relative to the largest
            Fixture.Near(expected, entry.View(flat.Gradients!), 1e-3 * Math.Max(scale, 1), entry.Name);
            Fixture.Near(expected, entry.Parameter.grad!, 1e-3 * Math.Max(scale, 1), entry.Name);
        }
    }

    [Fact]
    public void Convolution_weights_lie_channels_last_and_vectors_at_the_end()
    {
        using Encoder encoder = Small();
        using FlatParameters flat = new(encoder);
        Assert.All(flat.Entries.Where(e => e.Parameter.dim() == 4), e => Assert.True(ChannelsLast.Is(e.Parameter)));
        int matrices = flat.Entries.Count(e => e.Parameter.dim() > 1);
        Assert.All(flat.Entries.Take(matrices), e => Assert.True(e.Parameter.dim() > 1));
        Assert.Equal(0, flat.Entries[0].Offset);
    }

    [Fact]
    public void Moving_the_module_is_noticed()
    {
        using Encoder encoder = Small();
        using FlatParameters flat = new(encoder);
        encoder.to(ScalarType.Float64);
        Assert.False(flat.IsCurrent);
    }

    [Fact]
    public void A_module_without_parameters_is_refused()
    {
        using ReLU relu = nn.ReLU();
        Assert.Contains("no parameters", Assert.Throws<ArgumentException>(() => new FlatParameters(relu))
            .Message, StringComparison.Ordinal);
    }

    private static Encoder Small()
        => Encoder.Create(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.125,
                Head = HeadKind.Mlp,
                EmbeddingDimension = 8
            });
}
