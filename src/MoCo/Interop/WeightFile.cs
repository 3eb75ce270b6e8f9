using MoCo.Files;
using MoCo.Interop.KeyMaps;
using MoCo.Tensors.Safetensors;

namespace MoCo.Interop;

/// <summary>
/// Any file of an encoder's weights, open for reading: this library's checkpoints and encoders, safetensors, PyTorch's files
/// of torchvision, the official MoCo code, Lightly, solo-learn and mmpretrain. The format is known by the first bytes, the
/// layout by the tensors' names, which are turned into those of an <see cref="Encoders.Encoder"/>.
/// </summary>
public sealed class WeightFile : IDisposable
{
    private readonly IDisposable file;
    private readonly Dictionary<KeyPart, OrderedDictionary<string, StoredWeight>> parts = [];

    private WeightFile(string path, IDisposable file, IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata, PyTorchCheckpoint? pickle)
    {
        (Path, this.file, Tensors, Metadata, Root) = (path, file, tensors, metadata, pickle?.Root);
        KeyMap map = KeyMap.Recognise([.. tensors.Keys]) ?? OwnBackbone(metadata)
            ?? throw new InvalidDataException($"{path} has tensors that are named {Differences.Some(tensors.Keys)}; expected the names of this library, torchvision, the official MoCo code, Lightly, solo-learn or mmpretrain.");
        Layout = map.Layout;

        foreach (KeyPart part in Enum.GetValues<KeyPart>()) parts[part] = new(StringComparer.Ordinal);
        foreach ((string name, StoredTensor tensor) in tensors)
        {
            (KeyPart part, string place) = map.Place(name) ?? (KeyPart.Unused, name);
            if (part is KeyPart.Unused or KeyPart.Queue or KeyPart.QueuePointer) place = name;
            if (!parts[part].TryAdd(place, new StoredWeight(name, tensor))) throw new InvalidDataException($"{path} has two tensors for {place}, '{parts[part][place].FileName}' and '{name}'.");
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whose names its tensors have.</summary>
    public WeightLayout Layout { get; }

    /// <summary>All its tensors under their own names.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The text entries of a safetensors file; empty for others.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What a PyTorch file holds, as <see cref="PyTorchCheckpoint.Root"/>; null for others.</summary>
    public object? Root { get; }

    /// <summary>What the file has.</summary>
    public WeightParts Parts =>
        (Has(Query, "backbone.") ? WeightParts.Backbone : 0) | (Has(Query, "head.") ? WeightParts.Head : 0)
        | (Has(Key, "backbone.") && (Has(Key, "head.") || !Has(Query, "head.")) ? WeightParts.KeyEncoder : 0) | (parts[KeyPart.Queue].Count == 1 ? WeightParts.Queue : 0);

    internal IReadOnlyDictionary<string, StoredWeight> Query => parts[KeyPart.Query];

    internal IReadOnlyDictionary<string, StoredWeight> Key => parts[KeyPart.Key];

    internal StoredWeight? Queue => parts[KeyPart.Queue].Values.FirstOrDefault();

    internal StoredWeight? QueuePointer => parts[KeyPart.QueuePointer].Values.FirstOrDefault();

    /// <summary>Opens a file, and checks its seal if it has one.</summary>
    /// <param name="path">A <c>.safetensors</c>, <c>.pth</c>, <c>.pt</c>, <c>.pth.tar</c> or <c>.ckpt</c> file, or a checkpoint of this library, under any name.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another format, would run code, or has names that nobody is known for.</exception>
    public static WeightFile Open(string path)
    {
        if (IsPyTorch(path))
        {
            PyTorchCheckpoint pickle = PyTorchCheckpoint.Open(path);
            return Own(pickle, () => new WeightFile(path, pickle, pickle.Tensors, new Dictionary<string, string>(), pickle));
        }
        SafetensorsFile file = SafetensorsFile.Open(path);
        return Own(file, () =>
        {
            if (file.Metadata.ContainsKey(SafetensorsWriter.DigestKey)) file.VerifySeal();
            var tensors = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
            foreach (SafetensorsEntry entry in file.Entries) tensors.Add(entry.Name, new StoredTensor(entry.TypeName, entry.Type, entry.Shape, () => file.Read(entry.Name)));
            return new WeightFile(path, file, tensors, file.Metadata, null);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static bool Has(IReadOnlyDictionary<string, StoredWeight> part, string prefix) => part.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>A network of the caller's own, whose names nobody knows, written by <see cref="EncoderFiles.SaveBackbone"/>.</summary>
    private static KeyMap? OwnBackbone(IReadOnlyDictionary<string, string> metadata)
        => metadata.GetValueOrDefault(EncoderFiles.LayoutKey) == EncoderFiles.BackboneLayout ? new KeyMap(WeightLayout.Backbone, "", [new KeyRule("", KeyPart.Query, "backbone.")]) : null;

    /// <summary>
    /// A safetensors file begins with its header's length, below 2^27, so that its fifth to eighth byte are 0; a zip's and a
    /// pickle's never are.
    /// </summary>
    private static bool IsPyTorch(string path)
    {
        using DataFile file = DataFile.Open(path);
        Span<byte> start = stackalloc byte[8];
        if (file.Length < start.Length) return false;
        file.Read(0, start);
        return start[4..].IndexOfAnyExcept((byte)0) >= 0 && start is ([(byte)'P', (byte)'K', 3, 4, ..] or [0x80, < 6, ..]);
    }

    private static WeightFile Own(IDisposable file, Func<WeightFile> make)
    {
        try
        {
            return make();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
