using TorchSharp;
using static TorchSharp.torch.nn;

namespace MoCo.Tests.StandIns.NN;

public class FunctionalGradientTests
{
    [Theory]
    [InlineData(1, 0, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 2, 2, 1)]
    [InlineData(2, 1, 1, 2)]
    public void A_convolutions_gradients_are_the_finite_differences(long stride, long padding, long dilation, long groups)
        => FiniteDifferences.AssertGradients(
            inputs => functional.conv2d(inputs[0], inputs[1], inputs[2], [stride, stride], [padding, padding], [dilation, dilation], groups),
            [2, 2, 5, 6], [4, 2 / groups, 3, 3], [4]);

    [Fact]
    public void A_convolution_of_channels_last_input_has_the_same_gradients_and_keeps_the_layout()
    {
        static torch.Tensor ChannelsLast(torch.Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

        FiniteDifferences.AssertGradients(
            inputs => functional.conv2d(ChannelsLast(inputs[0]), inputs[1], null, [2, 1], [1, 0]),
            [2, 3, 5, 4], [4, 3, 3, 2]);

        using var scope = torch.NewDisposeScope();
        var y = functional.conv2d(ChannelsLast(torch.randn(2, 16, 8, 8)), ChannelsLast(torch.randn(16, 16, 3, 3)), null, [1, 1], [1, 1]);
        Assert.Equal(1, y.stride(1));
    }

    [Fact]
    public void Same_padding_keeps_the_size_and_equals_the_padding_written_out()
    {
        using var scope = torch.NewDisposeScope();
        var (x, weight) = (torch.randn(1, 2, 7, 9), torch.randn(3, 2, 3, 3));
        var same = functional.conv2d_padding(x, weight, padding: Padding.Same);
        Assert.Equal([1, 3, 7, 9], same.shape);
        Assert.True(same.allclose(functional.conv2d(x, weight, padding: [1, 1]), atol: 1e-5));
    }

    [Fact]
    public void Batch_norms_gradients_in_training_go_through_the_batch_statistics()
        => FiniteDifferences.AssertGradients(
            inputs => functional.batch_norm(inputs[0], null, null, inputs[1], inputs[2], training: true),
            [3, 2, 2, 2], [2], [2]);

    [Fact]
    public void Batch_norms_gradients_in_evaluation_take_the_running_statistics_as_constants()
        => FiniteDifferences.AssertGradients(
            inputs => functional.batch_norm(inputs[0], torch.tensor(new[] { 0.5, -0.5 }), torch.tensor(new[] { 2.0, 0.5 }), inputs[1], inputs[2]),
            [3, 2, 2, 2], [2], [2]);

    [Theory]
    [InlineData(Reduction.Mean, 0.0)]
    [InlineData(Reduction.Sum, 0.1)]
    [InlineData(Reduction.None, 0.0)]
    public void Cross_entropys_gradient_is_the_finite_difference(Reduction reduction, double smoothing)
        => FiniteDifferences.AssertGradients(
            inputs => functional.cross_entropy(inputs[0], torch.tensor(new[] { 2L, 0L, 1L }), reduction: reduction, label_smoothing: smoothing),
            [3, 4]);

    [Fact]
    public void Cross_entropy_of_uniform_logits_is_the_logarithm_of_the_number_of_classes()
    {
        using var scope = torch.NewDisposeScope();
        using var loss = CrossEntropyLoss();
        var value = loss.call(torch.zeros(5, 17, torch.float64), torch.zeros(5, torch.int64));
        Assert.Equal(Math.Log(17), value.item<double>(), 12);
    }

    [Fact]
    public void Log_likelihood_of_log_softmax_is_cross_entropy()
    {
        using var scope = torch.NewDisposeScope();
        var (logits, target) = (torch.randn(6, 5), torch.tensor(new[] { 0L, 1L, 2L, 3L, 4L, 0L }));
        var nll = functional.nll_loss(functional.log_softmax(logits, 1), target);
        Assert.True(nll.allclose(functional.cross_entropy(logits, target)));
        Assert.True(functional.softmax(logits, 1).sum(1).allclose(torch.ones(6)));
    }

    [Fact]
    public void Normalised_rows_have_unit_length_and_the_right_gradient()
    {
        FiniteDifferences.AssertGradients(inputs => functional.normalize(inputs[0]), [3, 4]);

        using var scope = torch.NewDisposeScope();
        var unit = functional.normalize(torch.randn(8, 16));
        Assert.True(unit.mul(unit).sum(1).allclose(torch.ones(8), atol: 1e-6));
        Assert.True(functional.normalize(torch.zeros(2, 3)).allclose(torch.zeros(2, 3)));
    }

    [Fact]
    public void The_other_functions_have_the_right_gradients()
    {
        FiniteDifferences.AssertGradients(inputs => functional.linear(inputs[0], inputs[1], inputs[2]), [3, 4], [2, 4], [2]);
        FiniteDifferences.AssertGradients(inputs => functional.max_pool2d(inputs[0], 3, 2, 1), [2, 2, 5, 5]);
        FiniteDifferences.AssertGradients(inputs => functional.avg_pool2d(inputs[0], 2), [1, 2, 4, 4]);
        FiniteDifferences.AssertGradients(inputs => functional.adaptive_avg_pool2d(inputs[0], 1), [2, 3, 3, 3]);
        FiniteDifferences.AssertGradients(inputs => functional.cosine_similarity(inputs[0], inputs[1]), [3, 4], [3, 4]);
        FiniteDifferences.AssertGradients(inputs => functional.mse_loss(inputs[0], inputs[1]), [3, 4], [3, 4]);
    }

    [Fact]
    public void One_hot_marks_the_class_and_refuses_other_types()
    {
        using var scope = torch.NewDisposeScope();
        var marks = functional.one_hot(torch.tensor(new[] { 1L, 0L }), 3);
        Assert.Equal([0L, 1L, 0L, 1L, 0L, 0L], marks.data<long>().ToArray());
        Assert.Throws<ArgumentException>(() => functional.one_hot(torch.zeros(2)));
    }
}
