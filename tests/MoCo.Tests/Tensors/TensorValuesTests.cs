using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors;

public sealed class TensorValuesTests
{
    [Fact]
    public void A_copy_follows_the_indices_whatever_the_strides_offset_and_type_are()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });

        Assert.Equal([1, 2, 3, 4, 5, 6], rows.ToFloats());
        Assert.Equal([1, 4, 2, 5, 3, 6], rows.t().ToFloats());
        Assert.Equal([4, 5, 6], rows[1].ToFloats());
        Assert.Equal([2, 5], rows.select(1, 1).ToFloats());
        Assert.Equal([4, 5, 6], rows.narrow(0, 1, 1).to(ScalarType.BFloat16).ToFloats());
        Assert.Equal([1, 2, 3, 4, 5, 6], rows.to(ScalarType.Int64).ToFloats());
        Assert.Equal([7], tensor(7.0).requires_grad_(true).ToFloats());
        Assert.Empty(rows.narrow(0, 0, 0).ToFloats());
    }

    [Fact]
    public void Memory_in_place_is_written_and_refused_where_it_would_be_something_else()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = zeros(2, 3);

        rows[1].AsFloats()[2] = 5;

        Assert.Equal([0, 0, 0, 0, 0, 5], rows.ToFloats());
        Assert.Contains("found Float64", Assert.Throws<InvalidOperationException>(() => rows.to(ScalarType.Float64).AsFloats().Length)
            .Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => rows.t().AsFloats().Length);
    }
}
