using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class AutogradTests
{
    [Fact]
    public void The_gradient_of_a_composite_equals_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor w = randn([4, 3], ScalarType.Float64, generator: generator);
        Tensor x = randn([5, 4], ScalarType.Float64, generator: generator).requires_grad_();
        Tensor Loss(Tensor point) => (point.matmul(w).sigmoid().log_softmax(1) * point.sum(1, keepdim: true).tanh()).pow(2).mean();

        Loss(x).backward();

        const double step = 1e-6;
        using IDisposable frozen = no_grad();
        foreach ((long i, long j) in new[] { (0L, 0L), (2L, 3L), (4L, 1L) })
        {
            Tensor shift = zeros(5, 4, ScalarType.Float64);
            shift[i, j] = step;
            double slope = (Loss(x + shift) - Loss(x - shift)).ToDouble() / (2 * step);
            Assert.Equal(slope, x.grad![i, j].ToDouble(), 1e-7);
        }
    }

    [Fact]
    public void Gradients_accumulate_and_zero_in_place()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Assert.Null(x.grad);

        (x * 3).sum().backward();
        (x * 3).sum().backward();
        Assert.Equal([6f, 6f], x.grad!.data<float>().ToArray());

        x.grad.zero_();
        Assert.Equal([0f, 0f], x.grad.data<float>().ToArray());
    }

    [Fact]
    public void Grad_mode_is_the_threads_own_and_comes_back()
    {
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            bool elsewhere = false;
            var thread = new Thread(() => elsewhere = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
            using (enable_grad()) Assert.True(is_grad_enabled());
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Inference_mode_makes_tensors_without_a_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(1, requires_grad: true);
        using (inference_mode()) Assert.False((x * 2).requires_grad);
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Grad_of_outputs_with_respect_to_inputs_leaves_the_inputs_gradient_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(3f, requires_grad: true), y = tensor(2f, requires_grad: true), unused = tensor(1f, requires_grad: true);

        IList<Tensor> gradients = autograd.grad([x * x * y], [x, y, unused], allow_unused: true);

        Assert.Equal(12f, gradients[0].item<float>());
        Assert.Equal(9f, gradients[1].item<float>());
        Assert.Null(gradients[2]);
        Assert.Null(x.grad);
    }
}
