using System.Text.Json;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

public sealed class SplitBatchNorm2dTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void Equals_the_notebooks_in_output_gradients_and_statistics(int splits, bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement fixture = Fixture.Read("splitbn", $"split{splits}.json");
        using SplitBatchNorm2d layer = new SplitBatchNorm2d(3, splits).to(ScalarType.Float64);
        Dictionary<string, Tensor> state = layer.state_dict();
        using (no_grad())
            foreach (JsonProperty entry in fixture.GetProperty("before").EnumerateObject())
                state[entry.Name].copy_(Fixture.Tensor(entry.Value));
        Tensor x = Layout(Fixture.Tensor(fixture.GetProperty("x")), channelsLast).requires_grad_();

        Tensor y = layer.call(x);
        y.backward([Layout(Fixture.Tensor(fixture.GetProperty("grad_y")), channelsLast)]);

        Fixture.Near(Fixture.Tensor(fixture.GetProperty("y")), y, 1e-9, "output");
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("grad_x")), x.grad!, 1e-9, "gradient of the input");
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("grad_weight")), layer.get_parameter("weight")!.grad!,
            1e-9, "gradient of the weight");
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("grad_bias")), layer.get_parameter("bias")!.grad!, 1e-9, "gradient of the bias");
        foreach (JsonProperty entry in fixture.GetProperty("after").EnumerateObject())
            Fixture.Near(Fixture.Tensor(entry.Value), state[entry.Name], 1e-9, entry.Name);
        layer.eval();
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("y_eval_after")), layer.call(x), 1e-9, "output in eval mode");
    }

    [Theory]
    [InlineData(10, 4, new long[] { 3, 3, 2, 2 })]
    [InlineData(9, 4, new long[] { 3, 2, 2, 2 })]
    [InlineData(8, 4, new long[] { 2, 2, 2, 2 })]
    [InlineData(7, 4, new long[] { 7 })] // a group would have one sample
    [InlineData(16, 1, new long[] { 16 })]
    public void A_batch_is_split_as_evenly_as_possible(int batch, int splits, long[] sizes)
    {
        Assert.Equal(sizes, BatchGroups.SizesOf(batch, splits));

        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using SplitBatchNorm2d layer = new(2, splits);
        Tensor x = rand(batch, 2, 3, 3).Times(5L).Plus(Counting(batch).reshape(batch, 1, 1, 1));
        Tensor y = layer.call(x);
        int groups = sizes.Length;
        for (int group = 0; group < groups; group++)
        {
            Tensor members = tensor(Enumerable.Range(0, batch).Where(n => n % groups == group).Select(n => (long)n).ToArray());
            Tensor part = x.index_select(0, members);
            Tensor mean = part.mean([0L, 2L, 3L], keepdim: true), variance = part.var([0L, 2L, 3L], unbiased: false, keepdim: true);
            Fixture.Near((part - mean) / variance.Plus(1e-5).sqrt(), y.index_select(0, members), 1e-4, $"group {group}");
        }
    }

    [Fact]
    public void A_network_that_reorders_its_batch_once_equals_one_whose_layers_do()
    {
        using DisposeScope scope = NewDisposeScope();
        EncoderOptions options =
            new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImageStride2, InputChannels = 1, Width = 0.125, BatchNormSplits = 4 };
        using ResNet once = new(options);
        using ResNet plain = new(options with { BatchNormSplits = 1 });
        manual_seed(1);
        Tensor x = rand(34, 1, 32, 32);
        Tensor expected = cat(Enumerable.Range(0, 4).Select(group => plain.call(Group(x, group))).ToArray(), 0);
        Tensor actual = once.call(x);
        actual = cat(Enumerable.Range(0, 4).Select(group => Group(actual, group)).ToArray(), 0);
        Fixture.Near(expected, actual, 1e-3, "features");

        static Tensor Group(Tensor x, int group)
            => x.index_select(0, tensor(Enumerable.Range(0, (int)x.shape[0]).Where(n => n % 4 == group).Select(n => (long)n).ToArray()));
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Equal("splits", Assert.Throws<ArgumentOutOfRangeException>(() => new SplitBatchNorm2d(4, 0)).ParamName);
        Assert.Equal("features", Assert.Throws<ArgumentOutOfRangeException>(() => new SplitBatchNorm2d(0, 2)).ParamName);
        using SplitBatchNorm2d layer = new(4, 2);
        using Tensor wrong = rand(4, 3, 2, 2);
        Assert.Contains("4×3×2×2; expected N×4×H×W", Assert.Throws<ArgumentException>(() => layer.call(wrong))
            .Message, StringComparison.Ordinal);
    }

    private static Tensor Layout(Tensor x, bool channelsLast) => channelsLast ? ChannelsLast.Make(x) : x;
}
