using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Encoders.Transformers;
using MoCo.Interop.Layouts;
using MoCo.Interop.Onnx;
using MoCo.Interop.PyTorch;
using MoCo.Tensors.Safetensors;
using MoCo.Training.Checkpoints;

namespace MoCo.Interop;

/// <summary>An encoder, or a whole method, to files that other tools read, and from any file of weights that <see cref="WeightFile"/>
/// knows.</summary>
public static partial class EncoderFiles
{
    internal const string LayoutKey = "layout", StemKey = "stem", DirectKey = "direct", OptionsKey = "encoder", HeadsKey = "heads";
    private static readonly string[] OwnKeys = ["format", LayoutKey, StemKey, DirectKey, OptionsKey, HeadsKey];
    internal const string BackboneLayout = "backbone", EncoderLayout = "encoder";

    /// <summary>Writes the backbone under torchvision's names (<c>conv1.weight</c>, <c>layer1.0.bn1.running_mean</c> …), a vision
    /// transformer under timm's, a network of the caller's own under its own, atomically: as
    /// PyTorch's state_dict if the name ends in <c>.pth</c> or <c>.pt</c>, else as a safetensors file. In Python:
    /// <c>resnet.load_state_dict(torch.load(path), strict=False)</c> or <c>safetensors.torch.load_file(path)</c>; only <c>fc</c> is missing
    /// (the shapes are torchvision's for the ImageNet stem, 3 channels and width 1).</summary>
    /// <param name="encoder">The encoder, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveBackbone(this Encoder encoder, string path)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        Save(path, encoder, encoder.Backbone.state_dict(), BackboneLayout);
    }

    /// <summary>Writes backbone and head (<c>backbone.*</c>, <c>head.layers.*</c>), in the format that the name asks for as in
    /// <see cref="SaveBackbone"/>; atomic.</summary>
    /// <param name="encoder">The encoder, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="metadata">Further metadata of a safetensors file (the classes of a classifier, say), which
    /// <see cref="WeightFile.Metadata"/> tells; the names that the file uses itself are its own. Null: none.</param>
    /// <exception cref="ArgumentException">There are metadata for a file of PyTorch's, which has no place for them.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveEncoder(this Encoder encoder, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        Save(path, encoder, encoder.state_dict(), EncoderLayout, metadata);
    }

    /// <summary>Writes the backbone as detectron2's <c>MODEL.WEIGHTS</c> takes it: a pickle <c>{model, __author__, matching_heuristics}</c>
    /// of numpy arrays under detectron2's names (<c>stem.conv1.weight</c>, <c>res2.0.conv1.norm.bias</c>, <c>res2.0.shortcut.weight</c> …),
    /// as the official code's converter makes it. Python's <c>pickle.load</c> reads it where numpy is. Atomic.</summary>
    /// <param name="encoder">The encoder; its backbone is a <see cref="ResNet"/>.</param>
    /// <param name="path">The file to make or replace, <c>.pkl</c>.</param>
    /// <param name="author">What the file says of its origin.</param>
    /// <exception cref="NotSupportedException">The backbone is no <see cref="ResNet"/>.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveDetectron2(this Encoder encoder, string path, string author = "MoCo for .NET")
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(author);
        Detectron2Pickle.Write(path, encoder, author);
    }

    /// <summary>Writes an ONNX model (operator set 17, IR version 8): one file that ONNX Runtime, OpenCV and the browser run without this
    /// library. Input <c>input</c>: N×C×H×W float32 with any N; output <c>features</c> or <c>embeddings</c>: N×D float32. The model is the
    /// encoder in evaluation mode, whichever mode it is in: BatchNorm, split or not, uses the running statistics. Arithmetic is float32,
    /// also for encoders that train in bfloat16. Atomic.</summary>
    /// <param name="encoder">An encoder on a <see cref="ResNet"/>, on any device; its head may be a <see cref="ProjectionHead"/> or consist
    /// of Linear, ReLU, Identity and Sequential.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="embeddings">Whether the model gives the head's embeddings, N×D, which the contrast was taken over, instead of the
    /// backbone's features, N×F, which search, clustering and classifiers use.</param>
    /// <param name="l2Normalize">Whether the model ends by dividing each row by its L2 norm, so that a dot product is the cosine.</param>
    /// <param name="foldBatchNorm">Whether each BatchNorm is folded into the convolution before it: fewer nodes, the same function up to
    /// rounding.</param>
    /// <param name="height">Height of the images in pixels, at least 1; null: any.</param>
    /// <param name="width">Width of the images in pixels, at least 1; null: any.</param>
    /// <param name="normalization">How the images were normalised that the encoder learnt from. It is no part of the graph: it is written
    /// into the model's metadata for the program that prepares the images. Null: nothing is written.</param>
    /// <exception cref="ArgumentException">Some of it is out of range; the message lists all that is.</exception>
    /// <exception cref="NotSupportedException">A module has no place in the model (its name and type are told), or the model would pass 2
    /// GB, the most that one ONNX file holds.</exception>
    /// <exception cref="InvalidOperationException">A weight is disposed, not float32, or holds NaN or infinity.</exception>
    /// <exception cref="IOException">The file can't be written, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the older file may not be written.</exception>
    public static void SaveOnnx(
        this Encoder encoder, string path, bool embeddings = false, bool l2Normalize = false, bool foldBatchNorm = true,
        int? height = null, int? width = null, Normalize? normalization = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        OnnxExport.Write(encoder, path, new OnnxExportOptions
        {
            Embeddings = embeddings,
            L2Normalize = l2Normalize,
            FoldBatchNorm = foldBatchNorm,
            Height = height,
            Width = width,
            Normalization = normalization,
        });
    }

    /// <summary>Writes a bare network like an encoder's: its features, or the <c>logits</c> of one with <see cref="ResNet.Classes"/>.
    /// Atomic.</summary>
    /// <remarks>Give the parameters by name: an encoder's first is another.</remarks>
    /// <param name="network">The network, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="l2Normalize">As of an encoder.</param>
    /// <param name="foldBatchNorm">As of an encoder.</param>
    /// <param name="height">As of an encoder.</param>
    /// <param name="width">As of an encoder.</param>
    /// <param name="normalization">As of an encoder.</param>
    /// <inheritdoc cref="SaveOnnx(Encoder, string, bool, bool, bool, int?, int?, Normalize?)" path="/exception"/>
    public static void SaveOnnx(
        this ResNet network, string path, bool l2Normalize = false, bool foldBatchNorm = true, int? height = null, int? width = null,
        Normalize? normalization = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        OnnxExport.Write(network, path, new OnnxExportOptions
        {
            L2Normalize = l2Normalize,
            FoldBatchNorm = foldBatchNorm,
            Height = height,
            Width = width,
            Normalization = normalization,
        });
    }

    /// <summary>Reads the backbone out of any file that <see cref="WeightFile"/> knows; the head stays. All or nothing.</summary>
    /// <param name="encoder">The encoder that takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <returns>Whose names the file has, what was loaded, and the tensors that have no place here: a classifier, an optimizer, parts that
    /// were not asked for.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has names that nobody is known for, lacks what is asked for, or is of
    /// another architecture; missing and unexpected tensors are listed.</exception>
    public static (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) LoadBackbone(
        this Encoder encoder, string path) => Load(encoder, path, WeightParts.Backbone);

    /// <summary>Reads backbone and head out of any file that <see cref="WeightFile"/> knows. All or nothing.</summary>
    /// <inheritdoc cref="LoadBackbone"/>
    public static (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) LoadEncoder(
        this Encoder encoder, string path) => Load(encoder, path, WeightParts.Encoder);

    /// <summary>Builds the encoder that a file of weights is of: its architecture is read from the tensors' shapes, or from the options of
    /// this library's checkpoints.</summary>
    /// <param name="path">Any file of weights that <see cref="WeightFile"/> knows; one of a registered network was written by
    /// <see cref="SaveBackbone"/> or <see cref="SaveEncoder"/> as safetensors, or is a checkpoint. A vision transformer of timm's names
    /// has the heads of timm's networks.</param>
    /// <param name="stem">The first layers, where the file leaves them open (others' files do): null takes a 3×3 convolution for
    /// <see cref="Stem.SmallImage"/>.</param>
    /// <returns>The encoder on the CPU; a file without a head gets a random one of 128 dimensions.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of no architecture that this library builds.</exception>
    public static Encoder Open(string path, Stem? stem = null)
    {
        using WeightFile file = WeightFile.OpenKnown(path);
        return Encoder.Create(FileArchitecture.Of(file, stem)).HandTo(encoder =>
        {
            new WeightLoad(file, file.Parts & WeightParts.Encoder).Query(encoder).Finish();
            return encoder;
        });
    }

    private static (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) Load(
        Encoder encoder, string path, WeightParts parts)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using WeightFile file = WeightFile.OpenKnown(path);
        return new WeightLoad(file, parts).Query(encoder).Finish();
    }

    private static void Save(string path, Encoder encoder, Dictionary<string, Tensor> tensors, string layout,
        IReadOnlyDictionary<string, string>? further = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (path.EndsWith(".pth", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".pt", StringComparison.OrdinalIgnoreCase))
        {
            if (further?.Count > 0)
                throw new ArgumentException($"{path} has no place for metadata; expected the name of a safetensors file.", nameof(path));
            PyTorchWriter.Write(path, tensors);
            return;
        }
        Dictionary<string, string> metadata = new(further?.Where(entry => !OwnKeys.Contains(entry.Key)) ?? [])
        {
            ["format"] = "pt",
            [LayoutKey] = layout,
        };
        // What no tensor's shape tells of the architecture.
        if (encoder.Backbone is ResNet network) metadata.Add(StemKey, network.Options.Stem.ToString());
        if (encoder.Backbone is VisionTransformer transformer)
            metadata.Add(HeadsKey, transformer.Heads.ToString(CultureInfo.InvariantCulture));
        if (encoder is { Backbone: not ResNet, Options: { } options })
            metadata.Add(OptionsKey, StoredOptions.Write(new { Encoder = options }));
        if (layout != BackboneLayout && encoder.Head is ProjectionHead { Kind: HeadKind.Direct, EmbeddingDimension: int direct })
            metadata.Add(DirectKey, direct.ToString(CultureInfo.InvariantCulture));
        SafetensorsWriter.Write(path, [.. tensors.Select(entry => (entry.Key, entry.Value))], metadata);
    }
}
