using System.Collections.ObjectModel;
using MoCo.Interop.Layouts;
using MoCo.Interop.PyTorch;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Interop;

/// <summary>Any file of tensors, open for reading: safetensors, and PyTorch's <c>torch.save</c> in the zip format and the legacy one. The
/// format is known by the first bytes, and by the tensors' names whose file it is: this library's checkpoints and encoders, those of
/// torchvision, the official code of MoCo and MoCo v3, Lightly, solo-learn and mmpretrain. Their names are turned into those of an
/// <see cref="Encoders.Encoder"/>.</summary>
public sealed class WeightFile : IDisposable
{
    private readonly IDisposable file;
    private readonly Dictionary<KeyPart, OrderedDictionary<string, StoredWeight>> parts = [];
    private readonly string? unknown;

    private WeightFile(string path, string format, IDisposable file, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        (Path, Format, this.file, Tensors) = (path, format, file, tensors);
        foreach (KeyPart part in Enum.GetValues<KeyPart>()) parts[part] = new(StringComparer.Ordinal);
        Metadata = (file as SafetensorsFile)?.Metadata ?? ReadOnlyDictionary<string, string>.Empty;
        Root = (file as PyTorchCheckpoint)?.Root;
        KeyMap? map = (Metadata.ContainsKey(EncoderFiles.OptionsKey) ? Stated() : null) ?? KeyMap.Recognise([.. tensors.Keys]) ?? Stated();
        Layout = map?.Layout ?? WeightLayout.Unknown;
        if (map is null)
        {
            string stated = Metadata.GetValueOrDefault("format") is { } own and not "pt" ? $" (its format is '{own}')" : "";
            unknown = $"{path} has tensors that are named {Differences.Some(tensors.Keys)}{stated}; expected the names of this library, "
                + "torchvision, the official MoCo code, Lightly, solo-learn or mmpretrain.";
            return;
        }
        foreach ((string name, StoredTensor tensor) in tensors)
        {
            (KeyPart part, string place) = map.Place(name);
            if (parts[part].TryAdd(place, new StoredWeight(name, tensor))) continue;
            unknown = $"{path} has two tensors for {place}, '{parts[part][place].FileName}' and '{name}'.";
            Layout = WeightLayout.Unknown;
            return;
        }
        Parts = (Has(Query, "backbone.") ? WeightParts.Backbone : 0) | (Has(Query, "head.") ? WeightParts.Head : 0)
            | (Has(Key, "backbone.") && (Has(Key, "head.") || !Has(Query, "head.")) ? WeightParts.KeyEncoder : 0)
            | (parts[KeyPart.Queue].Count == 1 ? WeightParts.Queue : 0);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>In words: <c>safetensors</c>, <c>PyTorch, zip (1.6 and later)</c> or <c>PyTorch, legacy (before 1.6)</c>.</summary>
    public string Format { get; }

    /// <summary>Whose names its tensors have.</summary>
    public WeightLayout Layout { get; }

    /// <summary>All tensors under their own names; in a PyTorch file these are paths through dictionaries and lists.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The text entries of a safetensors file; empty for others.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What a PyTorch file holds: null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>,
    /// <see cref="double"/>, <see cref="string"/> (also devices), <c>byte[]</c>, <c>object?[]</c> for tuples, <c>List&lt;object?&gt;</c>
    /// for lists and sets, <c>OrderedDictionary&lt;object, object?&gt;</c> for dictionaries, <see cref="StoredTensor"/> for tensors. Null
    /// for other files.</summary>
    public object? Root { get; }

    /// <summary>What the file has of an encoder and its queue.</summary>
    public WeightParts Parts { get; }

    internal IReadOnlyDictionary<string, StoredWeight> Query => parts[KeyPart.Query];

    internal IReadOnlyDictionary<string, StoredWeight> Key => parts[KeyPart.Key];

    internal StoredWeight? Queue => parts[KeyPart.Queue].Values.FirstOrDefault();

    internal StoredWeight? QueuePointer => parts[KeyPart.QueuePointer].Values.FirstOrDefault();

    /// <summary>Opens a file, and checks its seal if it has one.</summary>
    /// <param name="path">A <c>.safetensors</c>, <c>.pth</c>, <c>.pt</c>, <c>.pth.tar</c> or <c>.ckpt</c> file, or a checkpoint of this
    /// library, under any name.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another format (the message says which), or would run code in
    /// Python.</exception>
    public static WeightFile Open(string path)
    {
        if (IsPyTorch(path))
            return PyTorchCheckpoint.Open(path).HandTo(pickle => new WeightFile(path, pickle.Format, pickle, pickle.Tensors));
        return SafetensorsFile.Open(path, "weights, as a safetensors file or as PyTorch's torch.save writes them").HandTo(safe =>
        {
            if (safe.Metadata.ContainsKey(SafetensorsWriter.DigestKey)) safe.VerifySeal();
            return new WeightFile(path, "safetensors", safe, safe.Tensors);
        });
    }

    /// <summary>Opens a file whose names are known.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Open"/>, or the file has names that nobody is known for.</exception>
    internal static WeightFile OpenKnown(string path)
        => Open(path).HandTo(file => file.unknown is null ? file : throw new InvalidDataException(file.unknown));

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static bool Has(IReadOnlyDictionary<string, StoredWeight> part, string prefix)
        => part.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>A network of the caller's own, whose names nobody knows, written by <see cref="EncoderFiles.SaveBackbone"/> or
    /// <see cref="EncoderFiles.SaveEncoder"/>.</summary>
    private KeyMap? Stated() => Metadata.GetValueOrDefault(EncoderFiles.LayoutKey) switch
    {
        EncoderFiles.BackboneLayout => new KeyMap(WeightLayout.Backbone, "", [new KeyRule("", KeyPart.Query, "backbone.")]),
        EncoderFiles.EncoderLayout => new KeyMap(WeightLayout.Encoder, "", [new KeyRule("", KeyPart.Query)]),
        _ => null,
    };

    /// <summary>A safetensors file may have a length that begins like a zip or a pickle, but then comes its header; neither a zip nor a
    /// pickle has a brace there.</summary>
    private static bool IsPyTorch(string path)
    {
        using DataFile file = DataFile.Open(path);
        Span<byte> start = stackalloc byte[9];
        if (file.Length < start.Length) return false;
        file.Read(0, start);
        return start is [(byte)'P', (byte)'K', 3, 4, _, _, _, _, not (byte)'{'] or [0x80, < 6, _, _, _, _, _, _, not (byte)'{'];
    }
}
