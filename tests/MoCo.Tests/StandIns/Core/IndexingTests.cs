using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class IndexingTests
{
    [Fact]
    public void Numbers_slices_and_ellipses_select_as_in_Python()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(24).view(2, 3, 4);

        Assert.Equal(17L, x[1, 1, 1].item<long>());
        Assert.Equal([3L, 4L], x[1].shape);
        Assert.Equal([2L, 2L, 4L], x[TensorIndex.Colon, TensorIndex.Slice(1)].shape);
        Assert.Equal([3L, 7L, 11L, 15L, 19L, 23L], x[TensorIndex.Ellipsis, -1].flatten().data<long>().ToArray());
        Assert.Equal([2L, 1L, 3L, 4L], x[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([2L, 3L, 2L], x[TensorIndex.Ellipsis, TensorIndex.Slice(0, 4, 2)].shape);
        Assert.Equal([2L, 3L, 2L], x[.., .., 1..3].shape);
    }

    [Fact]
    public void Index_tensors_gather_and_masks_select()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(12).view(3, 4);

        Assert.Equal([8L, 9L, 10L, 11L, 0L, 1L, 2L, 3L], x[tensor([2L, 0L])].flatten().data<long>().ToArray());
        Assert.Equal([1L, 9L], x[TensorIndex.Tensor(tensor([0L, 2L])), 1].data<long>().ToArray());
        Assert.Equal([9L, 10L, 11L], x[x > 8].data<long>().ToArray());
    }

    [Fact]
    public void Assigning_to_an_index_writes_into_the_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(3, 2);

        x[0] = 1f;
        x[1, 1] = 2f;
        x[TensorIndex.Tensor(tensor([2L]))] = tensor([3f, 4f]);

        Assert.Equal([1f, 1f, 0f, 2f, 3f, 4f], x.data<float>().ToArray());
    }

    [Fact]
    public void An_accessor_follows_the_strides()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6).view(2, 3).t();
        using var accessor = x.data<long>();

        Assert.Equal([0L, 3L, 1L, 4L, 2L, 5L], accessor.ToArray());
        Assert.Equal(5L, accessor[2, 1]);
        accessor[0, 1] = 30;
        Assert.Equal(30L, x[0, 1].item<long>());
    }

    [Fact]
    public void Item_insists_on_one_element_of_the_right_type()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => zeros(2).item<float>());
        Assert.Throws<ArgumentException>(() => zeros(1).item<double>());
        Assert.Equal(0.5, tensor(0.5f).ToDouble());
    }
}
