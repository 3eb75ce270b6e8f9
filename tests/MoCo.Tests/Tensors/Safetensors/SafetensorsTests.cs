using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors.Safetensors;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    public static TheoryData<ScalarType> Types =>
        [
            ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
            ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
        ];

    // As the format's description has them.
    private static readonly Dictionary<ScalarType, string> TypeNames = new()
    {
        [ScalarType.Float64] = "F64",
        [ScalarType.Float32] = "F32",
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Int64] = "I64",
        [ScalarType.Int32] = "I32",
        [ScalarType.Int16] = "I16",
        [ScalarType.Int8] = "I8",
        [ScalarType.Byte] = "U8",
        [ScalarType.Bool] = "BOOL",
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Tensors_of_every_type_and_shape_come_back_as_they_were(ScalarType type)
    {
        Tensor values = Counting(60, dtype: ScalarType.Float32).Remainder(7).reshape(3, 4, 5).to(type);
        (string Name, Tensor Tensor)[] tensors =
        [
            ("whole", values),
            ("scalar", values[1, 2, 3]),
            ("empty", values.narrow(0, 0, 0)),
            ("permuted", values.permute(2, 0, 1)),
            ("every second", values.flatten().reshape(30, 2)[TensorIndex.Colon, 1]),
            ("broadcast", values[0, 0, 1].expand(3, 2)),
            ("name with \"quotes\", ünïcode and a\ttab", values[0]),
        ];
        string path = folder.File("t");
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["κ"] = "“λ”\n" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.VerifySeal();
        Assert.Equal("“λ”\n", file.Metadata["κ"]);
        Assert.Equal(tensors.Select(t => t.Name).Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, Tensor tensor) in tensors)
        {
            Tensor read = file.Read(name);
            Assert.Equal(type, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.True(tensor.AllBytes().SequenceEqual(read.AllBytes()), name);
        }
    }

    [Fact]
    public void A_tensor_with_a_gradient_is_written_as_its_values()
    {
        Tensor weight = rand(3, 2).requires_grad_();
        SafetensorsWriter.Write(folder.File("t"), [("w", weight)]);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("t"));
        Fixture.Near(weight.detach(), file.Read("w"), 0, "w");
        Assert.False(file.Read("w").requires_grad);
    }

    [Fact]
    public void The_bytes_are_the_published_layout()
    {
        (string, Tensor)[] tensors = [("a", tensor(new[] { 1f, -2f })), ("b", tensor(new[] { 258L }, [1, 1]))];
        SafetensorsWriter.Write(folder.File("t"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        byte[] bytes = File.ReadAllBytes(folder.File("t"));

        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        string header = Encoding.UTF8.GetString(bytes, 8, (int)length);
        Assert.StartsWith("{", header, StringComparison.Ordinal); // the format asks for it
        using JsonDocument json = JsonDocument.Parse(header);
        Assert.Equal(["__metadata__", "a", "b"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("""{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", json.RootElement.GetProperty("a").GetRawText());
        Assert.Equal("""{"dtype":"I64","shape":[1,1],"data_offsets":[8,16]}""", json.RootElement.GetProperty("b").GetRawText());
        Assert.All(
            json.RootElement.GetProperty("__metadata__").EnumerateObject(), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
        Assert.Equal(
            "0000803F" + "000000C0" + "0201000000000000", Convert.ToHexString(bytes, 8 + (int)length, bytes.Length - 8 - (int)length));
    }

    [Fact]
    public void A_file_written_by_hand_after_the_published_layout_is_read()
    {
        string header = """{"x":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]}}  """;
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write(
            "t", [.. prefix, .. Encoding.UTF8.GetBytes(header), 0x80, 0x3F, 0x40, 0xC0]));
        Assert.Empty(file.Metadata);
        Fixture.Near(tensor(new[] { 1f, -3f }, [2, 1]), file.Read("x"), 0, "x");
        Assert.Equal([2L, 1L], Assert.Single(file.Tensors.Values).Shape);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Python_reads_the_file_by_the_formats_description(ScalarType type)
    {
        string? python = Python.Find("import numpy");
        Assert.SkipWhen(python is null, "no python3 with numpy");
        using Tensor whole = Counting(24, dtype: ScalarType.Float32).Remainder(7).reshape(2, 3, 4).to(type);
        (string Name, Tensor Tensor)[] tensors =
        [
            ("whole", whole), ("scalar", whole[1, 1, 1]), ("empty", whole.narrow(0, 0, 0)), ("permuted", whole.permute(2, 0, 1)),
            ("größe", whole[0]),
        ];
        SafetensorsWriter.Write(folder.File("t"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        (int code, string output) = Python.Start(python, File.ReadAllText(Fixture.Path("read_safetensors.py")), [folder.File("t")])!.Value;
        Assert.True(code == 0, output);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(tensors.Length, json.RootElement.EnumerateObject().Count());
        foreach ((string name, Tensor tensor) in tensors)
        {
            JsonElement[] read = [.. json.RootElement.GetProperty(name).EnumerateArray()];
            Assert.Equal(TypeNames[type], read[0].GetString());
            Assert.Equal(tensor.shape, read[1].EnumerateArray().Select(size => size.GetInt64()));
            Assert.Equal(
                tensor.to(ScalarType.Float64).flatten().data<double>().ToArray(),
                read[2].EnumerateArray().Select(value => value.GetDouble()));
        }
    }

    [Fact]
    public void What_can_not_be_written_is_named_and_no_file_is_made()
    {
        Tensor one = ones(1);
        Assert.Contains(
            "The name 'a' occurs twice or is reserved.",
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder.File("t"), [("a", one), ("a", one)])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'__metadata__' occurs twice or is reserved.",
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder.File("t"), [("__metadata__", one)])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'sha256'; that name is reserved",
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(
                folder.File("t"), [], new Dictionary<string, string> { ["sha256"] = "" })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Tensors of ComplexFloat32 can't be written; expected one of Float64",
            Assert.Throws<NotSupportedException>(() => SafetensorsWriter.Write(
                folder.File("t"), [("c", one.to(ScalarType.ComplexFloat32))])).Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
