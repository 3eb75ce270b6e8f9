using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class ModuleCallTests
{
    [Fact]
    public void Call_runs_the_hooks_and_forward_does_not()
    {
        using var scope = NewDisposeScope();
        using var identity = nn.Identity();
        var order = new List<string>();
        identity.register_forward_pre_hook((nn.Module _) => order.Add("before"));
        identity.register_forward_pre_hook((_, x) => { order.Add("input"); return x + 1; });
        identity.register_forward_hook((_, _, y) => { order.Add("output"); return y * 10; });
        identity.register_forward_hook((nn.Module _) => order.Add("after"));

        Assert.Equal(30, identity.call(tensor(2.0)).item<double>());
        Assert.Equal(["before", "input", "output", "after"], order);
        Assert.Equal(2, identity.forward(tensor(2.0)).item<double>());
        Assert.Equal(4, order.Count);
    }

    [Fact]
    public void A_removed_hook_runs_no_more()
    {
        using var scope = NewDisposeScope();
        using var identity = nn.Identity();
        int calls = 0;
        var remover = identity.register_forward_hook((_, _, y) => { calls++; return y; });
        identity.call(tensor(1.0));
        remover.remove();
        identity.call(tensor(1.0));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_hook_that_gives_null_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var loss = nn.MSELoss();
        loss.register_forward_pre_hook((_, _, _) => null);
        loss.register_forward_hook((_, _, _, _) => null!);
        Assert.Equal(4, loss.call(tensor(1.0), tensor(3.0)).item<double>());
    }

    [Fact]
    public void An_empty_sequential_gives_a_handle_of_its_own()
    {
        using var sequential = nn.Sequential();
        using var x = randn(2);
        using (var y = sequential.call(x))
            Assert.NotSame(x, y);
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void A_slice_of_a_sequential_shares_its_modules_and_names()
    {
        using var sequential = nn.Sequential(nn.Linear(3, 4), nn.ReLU()).append("head", nn.Linear(4, 2));
        var tail = sequential[1..];
        Assert.Equal(["1", "head"], tail.named_children().Select(named => named.name));
        Assert.Same(sequential[2], tail[1]);
        Assert.Equal(2, sequential[(0, 2)].Count);
        Assert.Throws<IndexOutOfRangeException>(() => sequential[(0, 9)]);
    }

    [Fact]
    public void Batch_norm_tracks_the_batches_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm2d(3).@double();
        var x = randn(8, 3, 4, 4, float64) * 2 + 1;
        var y = norm.call(x);
        Assert.True(y.mean([0, 2, 3]).allclose(zeros(3, float64), atol: 1e-9));
        var mean = x.mean([0, 2, 3]);
        Assert.True(norm.running_mean!.allclose(mean * 0.1));
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());

        norm.eval();
        var before = norm.running_mean!.clone();
        var evaluated = norm.call(x);
        Assert.True(norm.running_mean!.allclose(before));
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        var expected = (x - norm.running_mean!.view(1, 3, 1, 1)) / (norm.running_var!.view(1, 3, 1, 1) + 1e-5).sqrt();
        Assert.True(evaluated.allclose(expected));
        Assert.Throws<ArgumentException>(() => norm.call(randn(2, 3)));
    }

    [Fact]
    public void Without_momentum_the_running_mean_is_the_mean_over_all_batches()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm1d(2, dtype: float64);
        norm.momentum = null;
        var (first, second) = (randn(6, 2, float64), randn(6, 2, float64));
        norm.call(first);
        norm.call(second);
        Assert.True(norm.running_mean!.allclose((first.mean([0]) + second.mean([0])) / 2));
    }

    [Fact]
    public void Dropout_scales_in_training_and_does_nothing_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var dropout = nn.Dropout(0.25);
        var ones = torch.ones(4000);
        var dropped = dropout.call(ones);
        Assert.Equal(1, dropped.mean().item<float>(), 0.1f);
        Assert.Equal(4 / 3f, dropped.max().item<float>(), 1e-5f);
        dropout.eval();
        Assert.True(dropout.call(ones).allclose(ones));
    }

    [Fact]
    public void Layers_have_the_shapes_of_their_arguments()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 4, 9, 9);
        Assert.Equal([2, 6, 5, 5], nn.Conv2d(4, 6, 3, stride: 2, padding: 1, groups: 2).call(x).shape);
        Assert.Equal([2, 6, 9, 8], nn.Conv2d(4, 6, (3, 4), padding: (1, 1)).call(x).shape);
        Assert.Equal([2, 6, 9, 9], nn.Conv2d(4, 6, 3, padding: 1, padding_mode: PaddingModes.Reflect).call(x).shape);
        Assert.Equal([2, 4, 5, 5], nn.MaxPool2d(3, stride: 2, padding: 1).call(x).shape);
        Assert.Equal([2, 4, 3, 3], nn.AvgPool2d(3).call(x).shape);
        Assert.Equal([2, 4, 1, 1], nn.AdaptiveAvgPool2d(1).call(x).shape);
        Assert.Equal([2, 324], nn.Flatten().call(x).shape);
        Assert.Throws<ArgumentException>(() => nn.Conv2d(3, 6, 3).call(x));
        var (values, indices) = nn.MaxPool2d(3).forward_with_indices(x);
        Assert.Equal(values.shape, indices.shape);
    }

    [Fact]
    public void Zero_grad_of_a_module_drops_the_gradients()
    {
        using var linear = nn.Linear(2, 1);
        using (var loss = linear.weight.sum())
            loss.backward();
        linear.zero_grad(set_to_none: false);
        using (var grad = linear.weight.grad)
            Assert.Equal(0, grad!.abs().sum().item<float>());
        linear.zero_grad();
        Assert.Null(linear.weight.grad);
    }
}
