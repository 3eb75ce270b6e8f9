using System.Text.Json;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Files;

/// <summary>Figures from PyTorch: JSON files whose tensors are <c>{"shape": […], "values": […]}</c>.</summary>
internal static class Fixture
{
    public static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Fixtures", .. parts]);

    public static JsonElement Read(params string[] parts)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path(parts)));
        return document.RootElement.Clone();
    }

    public static Tensor Tensor(JsonElement element, ScalarType type = ScalarType.Float64)
    {
        long[] shape = [.. element.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        double[] values = [.. element.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
        return tensor(values).reshape(shape).to(type);
    }

    /// <summary>Asserts that every number is within <paramref name="tolerance"/> of the expected one.</summary>
    public static void Near(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.True(expected.shape.AsSpan()
            .SequenceEqual(actual.shape), $"{what}: shape {string.Join("×", actual.shape)}, expected {string.Join("×", expected.shape)}");
        double worst = (expected.to(ScalarType.Float64) - actual.to(ScalarType.Float64)).abs().max().item<double>();
        Assert.True(worst <= tolerance, $"{what}: off by {worst:G4}, allowed {tolerance:G4}");
    }
}
