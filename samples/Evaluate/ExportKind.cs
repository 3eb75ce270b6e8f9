using MoCo.Encoders;

namespace Evaluate;

/// <summary>What a file of weights can be handed over as.</summary>
internal enum ExportKind
{
    /// <summary>The backbone under torchvision's names, as safetensors.</summary>
    Safetensors,

    /// <summary>The backbone under torchvision's names, as PyTorch's state_dict.</summary>
    Torchvision,

    /// <summary>Backbone and head under this library's names, as safetensors.</summary>
    Encoder,

    /// <summary>The official MoCo code's checkpoint.</summary>
    Official,

    /// <summary>detectron2's pickle.</summary>
    Detectron2,

    /// <summary>A model that runs without this library.</summary>
    Onnx,
}
