using MoCo.Encoders;

namespace MoCo.Interop.Onnx;

/// <summary>Which of an <see cref="Encoder"/>'s two results an ONNX model gives.</summary>
public enum OnnxOutput
{
    /// <summary>The backbone's features, N×F: what search, clustering and classifiers use.</summary>
    Features,

    /// <summary>The head's embeddings, N×D: what the contrast was taken over.</summary>
    Embeddings,
}
