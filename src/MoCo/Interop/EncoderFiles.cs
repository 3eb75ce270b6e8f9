using MoCo.Encoders;
using MoCo.Tensors.Safetensors;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>An encoder's weights as files that Python's tools read too, and from any file of weights that <see cref="WeightFile"/> knows.</summary>
public static class EncoderFiles
{
    internal const string LayoutKey = "layout", StemKey = "stem", BackboneLayout = "backbone", EncoderLayout = "encoder";

    /// <summary>
    /// Writes the backbone under torchvision's names (<c>conv1.weight</c>, <c>layer1.0.bn1.running_mean</c> …), atomically: as
    /// PyTorch's state_dict if the name ends in <c>.pth</c> or <c>.pt</c>, else as a safetensors file. In Python:
    /// <c>resnet.load_state_dict(torch.load(path), strict=False)</c> or <c>safetensors.torch.load_file(path)</c>; only
    /// <c>fc</c> is missing (the shapes are torchvision's for the ImageNet stem, 3 channels and width 1).
    /// </summary>
    /// <param name="encoder">The encoder, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveBackbone(this Encoder encoder, string path)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        Save(path, encoder, encoder.Backbone.state_dict(), BackboneLayout);
    }

    /// <summary>Writes backbone and head (<c>backbone.*</c>, <c>head.layers.*</c>), in the format that the name asks for as in <see cref="SaveBackbone"/>; atomic.</summary>
    /// <param name="encoder">The encoder, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveEncoder(this Encoder encoder, string path)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        Save(path, encoder, encoder.state_dict(), EncoderLayout);
    }

    /// <summary>Reads the backbone out of any file that <see cref="WeightFile"/> knows; the head stays. All or nothing.</summary>
    /// <param name="encoder">The encoder whose backbone takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <returns>What the file is and what of it was left.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of another architecture; missing and unexpected tensors are listed.</exception>
    public static LoadedWeights LoadBackbone(this Encoder encoder, string path) => Load(encoder, path, WeightParts.Backbone);

    /// <summary>Reads backbone and head out of any file that <see cref="WeightFile"/> knows. All or nothing.</summary>
    /// <param name="encoder">The encoder that takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <returns>What the file is and what of it was left.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has no head, or is of another architecture; missing and unexpected tensors are listed.</exception>
    public static LoadedWeights LoadEncoder(this Encoder encoder, string path) => Load(encoder, path, WeightParts.Encoder);

    /// <summary>Builds the encoder that a file of weights is of: its architecture is read from the tensors' shapes, or from the options of this library's checkpoints.</summary>
    /// <param name="path">Any file of a ResNet's weights that <see cref="WeightFile"/> knows.</param>
    /// <param name="stem">
    /// The first layers, where the file leaves them open (others' files do): null takes a 3×3 convolution for <see cref="Stem.SmallImage"/>.
    /// </param>
    /// <returns>The encoder on the CPU; a file without a head gets a random one of 128 dimensions.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of no architecture that this library builds.</exception>
    public static Encoder Open(string path, Stem? stem = null)
    {
        using WeightFile file = WeightFile.Open(path);
        Encoder encoder = Encoder.Create(FileArchitecture.Of(file, stem));
        try
        {
            Load(encoder, file, file.Parts & WeightParts.Encoder);
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static LoadedWeights Load(Encoder encoder, string path, WeightParts parts)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using WeightFile file = WeightFile.Open(path);
        return Load(encoder, file, parts);
    }

    private static LoadedWeights Load(Encoder encoder, WeightFile file, WeightParts parts)
    {
        var differences = new Differences(file.Path, file.Layout);
        MoCoFiles.CompareEncoder(differences, encoder, file.Query, parts);
        differences.Load();
        return new LoadedWeights(file.Layout, parts, MoCoFiles.Unused(file, parts));
    }

    private static void Save(string path, Encoder encoder, Dictionary<string, Tensor> tensors, string layout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (path.EndsWith(".pth", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".pt", StringComparison.OrdinalIgnoreCase))
        {
            PyTorchWriter.Write(path, tensors);
            return;
        }
        var metadata = new Dictionary<string, string> { ["format"] = "pt", [LayoutKey] = layout };
        // The one thing of the architecture that no tensor's shape tells.
        if (encoder.Backbone is ResNet network) metadata.Add(StemKey, network.Options.Stem.ToString());
        SafetensorsWriter.Write(path, [.. tensors.Select(entry => (entry.Key, entry.Value))], metadata);
    }
}
