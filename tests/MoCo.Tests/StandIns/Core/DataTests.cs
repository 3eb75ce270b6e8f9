using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class DataTests
{
    [Fact]
    public void A_tensor_copies_an_array_and_a_buffer_shares_it()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] numbers = [1, 2, 3];
        Tensor copy = tensor(numbers), shared = frombuffer(numbers, ScalarType.Float32);

        numbers[0] = 9;

        Assert.Equal(1f, copy[0].item<float>());
        Assert.Equal(9f, shared[0].item<float>());
    }

    [Fact]
    public void Arrays_of_several_dimensions_keep_their_order()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal([2L, 3L], tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }).shape);
        Assert.Equal(6, tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } })[1, 2].item<int>());
        Assert.Equal([2L, 2L], tensor([1.0, 2, 3, 4], [2L, 2L], ScalarType.Float32).shape);
        Assert.Throws<ArgumentException>(() => tensor([1f, 2f], [3L]));
    }

    [Fact]
    public void Types_are_inferred_as_the_real_package_infers_them()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal(ScalarType.Float64, tensor(1.0).dtype);
        Assert.Equal(ScalarType.Float32, tensor(1f).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.5).dtype);
        Assert.Equal(ScalarType.Float32, zeros(1).dtype);
        Assert.Equal(ScalarType.Int64, full(1L, 1).dtype);
        Assert.Equal(ScalarType.Float32, (ones(1) * 2.0).dtype);
        Assert.Equal(ScalarType.Int64, randperm(2).dtype);
    }

    [Fact]
    public void Bytes_are_the_elements_where_they_lie()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(2, ScalarType.Int32);

        x.bytes[4] = 7;

        Assert.Equal([0, 7], x.data<int>().ToArray());
        Assert.Throws<InvalidOperationException>(() => zeros(2, 2).t().bytes.Length);
    }

    [Fact]
    public void Conversions_copy_only_when_they_must()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 2);

        Tensor same = x.to(ScalarType.Float32), copy = x.to(ScalarType.Float32, copy: true), half = x.bfloat16();
        x.zero_();

        Assert.Equal(0f, same.sum().item<float>());
        Assert.Equal(4f, copy.sum().item<float>());
        Assert.Equal(4f, half.@float().sum().item<float>());
    }

    [Fact]
    public void Reductions_agree_with_arithmetic()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new[,] { { 1.0, 2, 3 }, { 4, 5, 9 } });

        Assert.Equal([6.0, 18.0], x.sum(1).data<double>().ToArray());
        Assert.Equal([2.5, 3.5, 6.0], x.mean([0L]).data<double>().ToArray());
        Assert.Equal(7.0, x.var(1)[1].item<double>(), 12);
        Assert.Equal([9.0, 5.0], x.topk(2).values[1].data<double>().ToArray());
        Assert.Equal([2L, 2L], x.argmax(1).data<long>().ToArray());
        Assert.Equal(Math.Sqrt(136), x.norm().ToDouble(), 12);
        Assert.Equal([1L, 0L, 2L], tensor([0L, 2L, 2L]).bincount(null!).data<long>().ToArray());
    }
}
