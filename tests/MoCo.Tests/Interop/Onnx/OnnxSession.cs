using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>A model in ONNX Runtime.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession session;

    public OnnxSession(string path)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        session = new InferenceSession(path, options);
    }

    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    public (string Name, string Shape) Input => Described(session.InputMetadata.Single());

    public (string Name, string Shape) Output => Described(session.OutputMetadata.Single());

    /// <summary>Runs a file on N×C×H×W numbers.</summary>
    public static Tensor Run(string path, Tensor input)
    {
        using OnnxSession model = new(path);
        return model.Run(input);
    }

    /// <summary>Runs the model on N×C×H×W numbers.</summary>
    public Tensor Run(Tensor input)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input.contiguous().data<float>().ToArray(), input.shape);
        using RunOptions options = new();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [Input.Name], [value], [Output.Name]);
        OrtValue result = results.Single();
        return tensor(result.GetTensorDataAsSpan<float>().ToArray(), result.GetTensorTypeAndShape().Shape);
    }

    public void Dispose() => session.Dispose();

    private static (string Name, string Shape) Described(KeyValuePair<string, NodeMetadata> value)
    {
        Assert.Equal(typeof(float), value.Value.ElementType);
        IEnumerable<string> axes = value.Value.Dimensions.Zip(value.Value.SymbolicDimensions, (size, name) => size < 0 ? name : $"{size}");
        return (value.Key, string.Join("×", axes));
    }
}
