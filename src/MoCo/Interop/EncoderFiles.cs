using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>An encoder's weights as files that Python's tools read too.</summary>
public static class EncoderFiles
{
    /// <summary>
    /// Writes the backbone as a safetensors file under torchvision's names (<c>conv1.weight</c>, <c>layer1.0.bn1.running_mean</c> …),
    /// atomically. In Python: <c>resnet.load_state_dict(safetensors.torch.load_file(path), strict=False)</c>; only
    /// <c>fc</c> is missing
    /// (the shapes are torchvision's for the ImageNet stem, 3 channels and width 1).
    /// </summary>
    /// <param name="encoder">The encoder, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveBackbone(this Encoder encoder, string path)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        SafetensorsWriter.Write(path, [.. encoder.Backbone.state_dict().Select(entry => (entry.Key, entry.Value))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Reads a backbone that <see cref="SaveBackbone"/> wrote, or torchvision's in a safetensors file without <c>fc</c>; all or nothing.</summary>
    /// <param name="encoder">The encoder whose backbone takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of another architecture.</exception>
    public static void LoadBackbone(this Encoder encoder, string path)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Training.Checkpoint.CopyInto(path, file, [.. encoder.Backbone.state_dict().Select(entry => (entry.Key, entry.Value))]);
    }
}
