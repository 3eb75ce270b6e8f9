using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class SaveLoadTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.BFloat16)]
    public void A_saved_tensor_loads_bit_for_bit(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randint(0, 100, [3, 200], ScalarType.Int64).to(type);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) x.Save(writer);
        stream.Position = 0;

        Tensor loaded = TensorExtensionMethods.Load(new BinaryReader(stream));

        Assert.Equal((type, 3L, 200L), (loaded.dtype, loaded.shape[0], loaded.shape[1]));
        Assert.True(loaded.Equals(x));
        Assert.Equal(stream.Length, stream.Position);
    }

    [Fact]
    public void The_format_is_type_rank_and_sizes_in_LEB128_then_the_bytes()
    {
        using DisposeScope scope = NewDisposeScope();
        using var stream = new MemoryStream();

        ones([1, 300], ScalarType.Byte).Save(new BinaryWriter(stream));

        byte[] bytes = stream.ToArray();
        Assert.Equal([0, 2, 1, 0xAC, 0x02], bytes[..5]);
        Assert.Equal(305, bytes.Length);
        Assert.All(bytes[5..], one => Assert.Equal(1, one));
    }

    [Fact]
    public void Loading_into_a_tensor_checks_type_shape_and_length()
    {
        using DisposeScope scope = NewDisposeScope();
        using var stream = new MemoryStream();
        zeros(4).Save(new BinaryWriter(stream));
        BinaryReader From(long length) => new(new MemoryStream(stream.ToArray()[..(int)length]));

        Assert.Throws<ArgumentException>(() => zeros(4, ScalarType.Float64).Load(From(stream.Length)));
        Assert.Throws<ArgumentException>(() => zeros(5).Load(From(stream.Length)));
        Assert.Throws<EndOfStreamException>(() => zeros(4).Load(From(stream.Length - 1)));
    }
}
