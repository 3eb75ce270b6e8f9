using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors;

public sealed class SafetensorsBytesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("U16", 2)]
    [InlineData("U32", 4)]
    [InlineData("U64", 8)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("F8_E4M3", 1)]
    public void Types_that_TorchSharp_lacks_pass_through_as_bytes(string type, int size)
    {
        string path = folder.File("t");
        byte[] numbers = [.. Enumerable.Range(1, 6 * size).Select(i => (byte)i)];
        SafetensorsWriter.Write(path, [("w", ones(3))], null, [new SafetensorsBytes("x", type, [2, 3], numbers)]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.VerifySeal();
        SafetensorsEntry entry = file.Entries.Single(e => e.Name == "x");
        Assert.Equal((type, null, 6L * size), (entry.TypeName, entry.Type, entry.Length));
        Assert.Equal(numbers, file.Slice("x").ToArray());
        Assert.Equal($"{path}: tensor 'x' is {type}, which TorchSharp can't hold; its bytes can be read with Slice.", Assert.Throws<NotSupportedException>(() => file.Read("x")).Message);
    }

    [Fact]
    public void A_slice_is_the_mapped_file_itself_and_ends_with_it()
    {
        string path = folder.File("t");
        SafetensorsWriter.Write(path, [("a", Counting(4)), ("b", zeros(0))]);
        SafetensorsFile file = SafetensorsFile.Open(path);
        ReadOnlyMemory<byte> whole = file.Slice("a"), third = file.Slice("a", 16, 8);
        Assert.Equal(Counting(4).AllBytes(), whole.ToArray());
        Assert.Equal(2, BitConverter.ToInt64(third.Span));
        Assert.True(file.Slice("b").IsEmpty);
        // No copy: both look at the same place in memory.
        Assert.True(whole.Span.Overlaps(third.Span, out int offset) && offset == 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice("a", 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice("a", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice("a", 30, 3));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => whole.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => file.Slice("a"));
    }

    [Fact]
    public void Bytes_that_do_not_fit_their_type_and_shape_are_refused()
    {
        Assert.Contains("'x' has 5 bytes; expected 6 for 3 U16.", Assert.Throws<ArgumentException>(() => Write("U16", 5)).Message, StringComparison.Ordinal);
        Assert.StartsWith("'x' is of type 'F4'; expected one of F64, F32, ", Assert.Throws<NotSupportedException>(() => Write("F4", 6)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));

        void Write(string type, int length) => SafetensorsWriter.Write(folder.File("t"), [], null, [new SafetensorsBytes("x", type, [3], new byte[length])]);
    }
}
