using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class InPlaceTests
{
    public static TheoryData<string, Func<Tensor, Tensor>> Operations { get; } = new()
    {
        { "add_", x => x.add_(1) },
        { "sub_", x => x.sub_(tensor(1f)) },
        { "mul_", x => x.mul_(2) },
        { "div_", x => x.div_(2) },
        { "pow_", x => x.pow_(2) },
        { "exp_", x => x.exp_() },
        { "neg_", x => x.neg_() },
        { "clamp_", x => x.clamp_(0, 1) },
        { "fill_", x => x.fill_(3) },
        { "zero_", x => x.zero_() },
        { "normal_", x => x.normal_() },
        { "uniform_", x => x.uniform_(0, 1) },
        { "copy_", x => x.copy_(ones(2, 2)) },
        { "lerp_", x => x.lerp_(ones(2, 2), tensor(0.5f)) },
        { "addmm_", x => x.addmm_(ones(2, 2), ones(2, 2)) },
        { "index_copy_", x => x.index_copy_(0, tensor([1L]), ones(1, 2)) },
        { "index_put_", x => x.index_put_(tensor(1f), TensorIndex.Single(0)) },
        { "requires_grad_", x => x.requires_grad_() },
        { "detach_", x => x.detach_() },
        { "unsqueeze_", x => x.unsqueeze_(0) },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_in_place_operation_returns_the_very_object(string name, Func<Tensor, Tensor> operation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 2);

        Tensor result = operation(x);

        Assert.True(ReferenceEquals(x, result), name);
    }

    [Fact]
    public void An_in_place_operation_changes_the_views_too()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(4);
        Tensor tail = x[TensorIndex.Slice(2, 4)];

        tail.add_(1);

        Assert.Equal([0f, 0f, 1f, 1f], x.data<float>().ToArray());
    }
}
