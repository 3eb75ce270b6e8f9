using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Interop.PyTorch;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>The shapes, types and numbers of a file that are taken over: what PyTorch's load_state_dict takes, if it is sound.</summary>
public sealed class StoredNumbersTests : IDisposable
{
    private const string Tracked = ".num_batches_tracked";
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("w.safetensors", ScalarType.Int64)]
    [InlineData("w.pth", ScalarType.Int64)]
    [InlineData("w.safetensors", ScalarType.Int32)]
    [InlineData("w.safetensors", ScalarType.Float32)]
    [InlineData("w.pth", ScalarType.Float64)]
    public void A_scalar_may_be_one_element_of_any_type(string name, ScalarType type)
    {
        using Encoder encoder = Make();
        encoder.LoadBackbone(Write(name, (key, value) => IsCount(key) ? tensor(new[] { 7 }, type) : value));
        Tensor loaded = encoder.Backbone.state_dict()["bn1" + Tracked];
        Assert.Equal((ScalarType.Int64, 0L, 7L), (loaded.dtype, loaded.dim(), loaded.item<long>()));
        encoder.SaveBackbone(folder.File("again.safetensors"));
        using WeightFile again = WeightFile.Open(folder.File("again.safetensors"));
        Assert.Equal("scalar Int64", again.Tensors["bn1" + Tracked].ToString());
    }

    [Fact]
    public void PyTorch_reads_the_same_scalars()
    {
        string path = Write("w.pth", (key, value) => IsCount(key) ? tensor(new[] { 7f }) : value);
        Python.Torch("""
            import sys, torch
            bn = torch.nn.BatchNorm2d(8)
            state = {k[4:]: v for k, v in torch.load(sys.argv[1]).items() if k.startswith('bn1.')}
            bn.load_state_dict(state)
            assert bn.num_batches_tracked.shape == () and bn.num_batches_tracked.item() == 7
            """, path);
    }

    [Fact]
    public void Several_elements_and_halves_of_a_batch_are_no_count()
    {
        Assert.Contains("bn1.num_batches_tracked is 2 Int64, expected scalar Int64", Refusal("bn1" + Tracked, tensor(new[] { 7L, 8L })),
            StringComparison.Ordinal);
        Assert.EndsWith(": bn1.num_batches_tracked holds numbers that are not whole; expected Int64.",
            Refusal("bn1" + Tracked, tensor(7.5f)), StringComparison.Ordinal);
        Assert.Contains("bn1.num_batches_tracked is scalar ComplexFloat32, expected scalar Int64",
            Refusal("bn1" + Tracked, tensor(7f).to(ScalarType.ComplexFloat32)), StringComparison.Ordinal);
        Assert.Contains(
            "bn1.weight is 8 Int8, expected 8 Float32", Refusal("bn1.weight", ones(8, ScalarType.Int8)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e300)]
    public void A_number_that_is_not_finite_names_file_and_tensor_and_nothing_is_loaded(double value)
    {
        Tensor weight = ones(32, ScalarType.Float64);
        weight[2] = tensor(value, ScalarType.Float64);
        using Encoder encoder = Make();
        using Tensor before = encoder.Backbone.state_dict()["conv1.weight"].clone();
        string path = Write("w.pth", (key, stored) => key == "layer4.1.bn2.weight" ? weight : stored.Plus(1));
        foreach (Action load in new Action[] { () => encoder.LoadBackbone(path), () => EncoderFiles.Open(path) })
        {
            Assert.Equal($"{path}: layer4.1.bn2.weight holds NaN or infinity; expected finite Float32 numbers.",
                Assert.Throws<InvalidDataException>(load).Message);
        }
        Fixture.Near(before, encoder.Backbone.state_dict()["conv1.weight"], 0, "conv1");
    }

    private static bool IsCount(string name) => name.EndsWith(Tracked, StringComparison.Ordinal);

    private static Encoder Make() => Encoder.Create(
        new EncoderOptions { Backbone = Backbone.ResNet18, Width = 0.0625, BatchNormSplits = 1, EmbeddingDimension = 8 });

    /// <summary>A backbone's file with some of its tensors made anew.</summary>
    private string Write(string name, Func<string, Tensor, Tensor> change)
    {
        using Encoder encoder = Make();
        Dictionary<string, Tensor> tensors
            = encoder.Backbone.state_dict().ToDictionary(entry => entry.Key, entry => change(entry.Key, entry.Value));
        if (name.EndsWith(".pth", StringComparison.Ordinal)) PyTorchWriter.Write(folder.File(name), tensors);
        else SafetensorsWriter.Write(folder.File(name), [.. tensors.Select(entry => (entry.Key, entry.Value))]);
        return folder.File(name);
    }

    private string Refusal(string changed, Tensor value)
    {
        using Encoder encoder = Make();
        string path = Write("w.pth", (key, stored) => key == changed ? value : stored);
        return Assert.Throws<InvalidDataException>(() => encoder.LoadBackbone(path)).Message;
    }
}
