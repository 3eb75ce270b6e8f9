using System.Text.Json;
using MoCo.Interop;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Files as hardly anybody writes them: what PyTorch reads there is read here, or the difference is documented.</summary>
public sealed class OddFileTests
{
    /// <summary>What PyTorch reads and this library refuses: rows of the table in Interop's README.</summary>
    private static readonly Dictionary<string, string> Documented = new()
    {
        ["one-path-twice.pth"] = "it has two tensors at 'a.b'",
        ["keys-of-other-kinds.pth"] = "a dictionary with a key that is None",
        ["lone-surrogate.pth"] = "text that is not UTF-8",
        ["sparse.pth"] = "it names 'torch._utils._rebuild_sparse_tensor'",
        ["quantized.pth"] = "which is not allowed",
        ["numpy.pth"] = "it names 'numpy.core.multiarray._reconstruct'",
        ["zip-storage-too-long.pth"] = "its storage '0' has 28 bytes; expected 6 × 4",
        ["zip-storage-too-short.pth"] = "its storage '0' has 20 bytes; expected 6 × 4",
    };

    private static readonly JsonElement Answers = Fixture.Read("odd-weights", "odd.json");

    public static TheoryData<string> Files => [.. Answers.EnumerateObject().Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Numbers_shapes_and_types_are_those_that_PyTorch_reads(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        string path = Fixture.Path("odd-weights", name);
        JsonElement answer = Answers.GetProperty(name);
        if (Documented.TryGetValue(name, out string? refusal) || answer.ValueKind == JsonValueKind.Null)
        {
            string message = Assert.Throws<InvalidDataException>(() => WeightFile.Open(path)).Message;
            Assert.Contains(refusal ?? "", message, StringComparison.Ordinal);
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            return;
        }
        using WeightFile file = WeightFile.Open(path);
        Assert.Equal(answer.EnumerateObject().Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
            file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach ((string tensor, StoredTensor stored) in file.Tensors)
        {
            JsonElement[] expected = [.. answer.GetProperty(tensor).EnumerateArray()];
            Tensor read = stored.Read();
            Assert.Equal(expected[1].EnumerateArray().Select(size => size.GetInt64()), read.shape);
            Assert.Equal(TypeOf(expected[0].GetString()!), read.dtype);
            Tensor flat = read.dtype is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64 ? view_as_real(read) : read;
            Assert.Equal(expected[2].EnumerateArray().Select(value => value.GetDouble()),
                flat.to(ScalarType.Float64).flatten().data<double>().ToArray());
        }
    }

    [Fact]
    public void Both_kinds_of_answers_are_among_the_files()
    {
        Assert.InRange(Answers.EnumerateObject().Count(), 55, 100);
        Assert.InRange(Answers.EnumerateObject().Count(file => file.Value.ValueKind == JsonValueKind.Null), 10, 30);
    }

    private static ScalarType TypeOf(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        "int64" => ScalarType.Int64,
        "int32" => ScalarType.Int32,
        "int16" => ScalarType.Int16,
        "int8" => ScalarType.Int8,
        "uint8" => ScalarType.Byte,
        "bool" => ScalarType.Bool,
        "complex64" => ScalarType.ComplexFloat32,
        "complex128" => ScalarType.ComplexFloat64,
        _ => throw new ArgumentException(name),
    };
}
