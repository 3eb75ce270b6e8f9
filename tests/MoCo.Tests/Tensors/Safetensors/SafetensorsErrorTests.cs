using System.Buffers.Binary;
using System.Text;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors.Safetensors;

public sealed class SafetensorsErrorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12,
        ": tensor 'b' starts at byte 8; expected 4, without a hole.")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        ": tensor 'b' starts at byte 4; expected 8, without an overlap.")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, ": tensor 'a' starts at byte 4; expected 0, without a hole.")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7,
        ": the tensors take 8 bytes, and 7 follow the header (truncated).")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9,
        ": the tensors take 8 bytes, and 9 follow the header (something was added).")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, " has a damaged header: tensor 'a' of 12 bytes has room for 8")]
    [InlineData(
        """{"a":{"dtype":"F4","shape":[8],"data_offsets":[0,8]}}""", 8,
        " has a damaged header: tensor 'a' has the unknown dtype F4; expected one of F64, F32, ")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", 8, " has a damaged header: tensor 'a' has a negative dimension")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8,
        " has a damaged header: tensor 'a' has the data_offsets [8, 0]; expected a start and an end")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8,
        " has a damaged header: tensor 'a' has the data_offsets [-8, 0]; expected a start and an end")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8,
        " has a damaged header: tensor 'a' has the data_offsets [0]; expected a start and an end")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData("""{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, " has a damaged header: ")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        " has a damaged header: ")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, " has a damaged header: ")]
    [InlineData("""{"__metadata__":{"k":null}}""", 0, " has a damaged header: metadata 'k' is null")]
    [InlineData("""{"__metadata__":[]}""", 0, " has a damaged header: ")]
    [InlineData("""{"a":7}""", 0, " has a damaged header: ")]
    [InlineData("[1,2]", 0, " has a damaged header: ")]
    [InlineData("null", 0, " has a damaged header: ")]
    [InlineData("{", 0, null)]
    [InlineData("{} x", 0, " has a damaged header: ")]
    public void A_header_that_breaks_the_format_is_refused_by_name(string header, int dataBytes, string? message)
    {
        string path = Write(header.Length, header, dataBytes);
        string refusal = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message;
        Assert.StartsWith(path + message, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(SafetensorsFile.HeaderLimit + 1)]
    [InlineData(11)]
    public void A_header_length_beyond_the_file_or_the_limit_is_refused_before_memory_is_taken(long stated)
    {
        string path = Write(stated, "{}        ", 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string refusal = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal($"{path} states a header of {stated} bytes; expected 2 to 10 (truncated, or not a safetensors file).", refusal);
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_a_damaged_header()
    {
        byte[] header = Encoding.ASCII.GetBytes("""{"__metadata__":{"k":"?"}}""");
        header[Array.IndexOf(header, (byte)'?')] = 0xFF;
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        string path = folder.Write("t", [.. prefix, .. header]);
        Assert.StartsWith(
            $"{path} has a damaged header: ", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named_beside_some_that_are_there()
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        string path = folder.File("t");
        SafetensorsWriter.Write(path, [.. Enumerable.Range(0, 7).Select(i => ($"t{i}", ones(1)))]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(
            $"{path} has no tensor 'x'; it has t0, t1, t2, t3, t4, ….", Assert.Throws<KeyNotFoundException>(() => file.Read("x")).Message);
    }

    [Fact]
    public void A_file_without_a_seal_can_be_read_but_not_verified()
    {
        using SafetensorsFile file = SafetensorsFile.Open(Write(2, "{}", 0));
        Assert.Empty(file.Tensors);
        Assert.Contains(
            "has no seal; expected a metadata entry 'sha256' of 64 digits.", Assert.Throws<InvalidDataException>(file.VerifySeal).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("U16", 2)]
    [InlineData("U32", 4)]
    [InlineData("U64", 8)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("F8_E4M3", 1)]
    public void A_tensor_of_a_type_that_TorchSharp_lacks_is_described_but_not_read(string type, int size)
    {
        string header = $$$"""{"x":{"dtype":"{{{type}}}","shape":[2,3],"data_offsets":[0,{{{6 * size}}}]}}""";
        string path = Write(header.Length, header, 6 * size);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        StoredTensor tensor = file.Tensors["x"];
        Assert.Equal((type, null, $"2×3 {type}"), (tensor.TypeName, tensor.Type, $"{tensor}"));
        string refusal = Assert.Throws<NotSupportedException>(() => file.Read("x")).Message;
        Assert.Equal($"{path} has a tensor of {type}, which TorchSharp can't hold.", refusal);
    }

    private string Write(long statedLength, string header, int dataBytes)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, statedLength);
        return folder.Write("t", [.. prefix, .. Encoding.ASCII.GetBytes(header), .. new byte[dataBytes]]);
    }
}
