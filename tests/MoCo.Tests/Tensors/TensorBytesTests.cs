using MoCo.Files;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors;

public sealed class TensorBytesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(8, 10)]
    [InlineData(24, 4)]
    [InlineData(31, 4)] // three numbers and a part of the fourth, which goes to the next piece
    [InlineData(1000, 1)]
    public void Pieces_are_the_whole_tensor_in_order(int mostBytes, int pieces)
    {
        Tensor tensor = Counting(10).reshape(2, 5);
        byte[][] found = [.. TensorBytes.Pieces(tensor, mostBytes).Select(piece => piece.AllBytes())];
        Assert.Equal(pieces, found.Length);
        Assert.Equal(tensor.AllBytes(), found.SelectMany(piece => piece));
        Assert.Empty(TensorBytes.Pieces(zeros(0, 3), mostBytes));
        Assert.Single(TensorBytes.Pieces(Counting(1).reshape([]), mostBytes));
    }

    [Fact]
    public void A_tensor_that_its_file_no_longer_has_leaves_none_behind()
    {
        string path = folder.Write("t", new byte[40]);
        using DataFile file = DataFile.Open(path);
        long before = LiveTensors.Settled();
        Assert.Throws<EndOfStreamException>(() => file.ReadTensor(16, ScalarType.Int64, 2, 2));
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal([2L, 1L], file.ReadTensor(16, ScalarType.Int64, 2, 1).shape);
    }
}
