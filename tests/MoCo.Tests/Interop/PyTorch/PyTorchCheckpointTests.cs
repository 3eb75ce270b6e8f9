using System.Numerics;
using MoCo.Interop.PyTorch;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.PyTorch;

public sealed class PyTorchCheckpointTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Formats => ["zip", "legacy"];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Tensors_are_read_however_they_lie_in_their_storage(string format)
    {
        using PyTorchCheckpoint file = Open($"layouts.{format}.pth");
        Tensor counted = Counting(24, dtype: ScalarType.Float32).reshape(2, 3, 4);
        Dictionary<string, Tensor> expected = new()
        {
            ["plain"] = counted,
            ["transposed"] = counted.permute(2, 0, 1),
            ["offset"] = counted[1],
            ["stepped"] = tensor(new float[] { 1, 6, 11, 16, 21 }),
            ["shared"] = tensor(new float[] { 9, 10, 13, 14 }, [2, 2]),
            ["expanded"] = Counting(3, dtype: ScalarType.Float32).expand(4, 3),
            ["scalar"] = tensor(7f),
            ["empty"] = zeros(0, 3),
            ["channels_last"] = Counting(48, dtype: ScalarType.Float32).reshape(2, 3, 2, 4),
            ["parameter"] = Counting(3, dtype: ScalarType.Float32),
        };
        Assert.Equal(expected.Keys, file.Tensors.Keys);
        foreach ((string name, Tensor value) in expected)
        {
            Tensor read = file.Tensors[name].Read();
            Assert.True(read.is_contiguous(), name);
            Assert.Equal(value.shape, read.shape);
            Assert.True(value.AllBytes().SequenceEqual(read.AllBytes()), name);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_element_type_is_read(string format)
    {
        using PyTorchCheckpoint file = Open($"types.{format}.pth");
        Assert.Equal(12, file.Tensors.Count);
        foreach ((string name, StoredTensor stored) in file.Tensors)
        {
            Assert.Equal(name, stored.TypeName);
            Tensor read = stored.Read();
            Assert.Equal(stored.Type, read.dtype);
            Tensor expected = Counting(6, dtype: ScalarType.Float32).reshape(2, 3).to(read.dtype);
            Assert.True(expected.AllBytes().SequenceEqual(read.AllBytes()), name);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Plain_values_keep_their_types_and_order(string format)
    {
        using PyTorchCheckpoint file = Open($"values.{format}.pth");
        OrderedDictionary<object, object?> root = Assert.IsType<OrderedDictionary<object, object?>>(file.Root);
        Assert.Null(root["none"]);
        Assert.Equal(true, root["true"]);
        Assert.Equal(false, root["false"]);
        Assert.Equal(7L, root["small"]);
        Assert.Equal(-70000L, root["negative"]);
        Assert.Equal(1L << 40, root["big"]);
        Assert.Equal(BigInteger.Pow(2, 80), root["huge"]);
        Assert.Equal(0.1, root["float"]);
        Assert.Equal("“λ”", root["text"]);
        Assert.Equal(new List<object?> { 1L, new List<object?> { 2L, "three" } }, root["list"]);
        Assert.Equal(new object?[] { 1L, 2.5, "x", null }, root["tuple"]);
        Assert.Equal(new List<object?> { 5L }, root["set"]);
        Assert.Equal(new byte[] { 0, 255 }, root["bytes"]);
        Assert.Equal("ab"u8.ToArray(), root["array"]);
        Assert.Equal(new object?[] { 2L, 3L }, root["size"]);
        Assert.Equal("cuda:1", root["device"]);
        Assert.Equal(["zero", "one"], new[] { 0L, 1L }.Select(key => ((OrderedDictionary<object, object?>)root["numbers"]!)[(object)key]));
        Assert.Equal(["b", "a"], ((OrderedDictionary<object, object?>)root["ordered"]!).Keys.Cast<string>());
        Assert.Equal(["module.weight", "module.bias"], file.Tensors.Keys);
    }

    [Fact]
    public void A_big_endian_machines_storages_are_turned()
    {
        using PyTorchCheckpoint file = Open("bigendian.zip.pth");
        Fixture.Near(Counting(5), file.Tensors["f"].Read(), 0, "float32");
        Fixture.Near(Counting(5), file.Tensors["h"].Read(), 0, "float16");
        Fixture.Near(Counting(3), file.Tensors["l"].Read(), 0, "int64");
        Fixture.Near(Counting(3), file.Tensors["b"].Read(), 0, "uint8");
        Fixture.Near(Counting(6).reshape(2, 3).t(), file.Tensors["t"].Read(), 0, "transposed");
        Assert.Equal(Counting(3).to(ScalarType.ComplexFloat32).AllBytes(), file.Tensors["c"].Read().AllBytes());
    }

    [Theory]
    [InlineData("zip64.zip.pth")]
    [InlineData("protocol4.zip.pth")]
    public void Zip64_and_later_pickle_protocols_are_read(string name)
    {
        using PyTorchCheckpoint file = Open(name);
        Fixture.Near(Counting(4), file.Tensors["w"].Read(), 0, name);
    }

    [Theory]
    [InlineData(
        "runs.zip.pth",
        "it names 'posix.system', which is not allowed: this reader builds tensors, containers and plain values, and runs nothing. ")]
    [InlineData("runs.legacy.pth", "it names 'posix.system', which is not allowed: ")]
    [InlineData("module.zip.pth", "it names 'torch.nn.modules.linear.Linear', which is not allowed: ")]
    [InlineData("module.legacy.pth", "it names 'torch.nn.modules.linear.Linear', which is not allowed: ")]
    [InlineData("deflated.zip.pth", "its zip entry 'archive/data.pkl' is compressed (method 8); expected stored, as torch.save writes.")]
    [InlineData("plain.pkl", "it is a plain pickle, not a file of torch.save's.")]
    [InlineData("outputs.json", "it is neither a zip nor a pickle.")]
    public void What_is_no_checkpoint_or_would_run_code_is_refused_by_name(string name, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => Open(name)).Message;
        Assert.StartsWith(
            $"{Fixture.Path("checkpoints", name)} is not a PyTorch file that can be read: {reason}", message, StringComparison.Ordinal);
        Assert.False(File.Exists("ran"), "the file's command was run");
    }

    [Fact]
    public void Missing_files_and_folders_are_named()
    {
        Assert.Throws<FileNotFoundException>(() => Open("none.pth"));
        Assert.Contains(
            "is a folder; expected a file of weights.",
            Assert.Throws<InvalidDataException>(() => PyTorchCheckpoint.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_file_can_not_be_read_from()
    {
        PyTorchCheckpoint file = Open("layouts.zip.pth");
        file.Tensors["transposed"].Read();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Tensors["plain"].Read());
        Assert.Throws<ObjectDisposedException>(() => file.Tensors["transposed"].Read());
    }

    private static PyTorchCheckpoint Open(string name) => PyTorchCheckpoint.Open(Fixture.Path("checkpoints", name));
}
