using System.Text;
using MoCo.Interop.Layouts;

namespace MoCo.Interop.PyTorch;

/// <summary>PyTorch's format since 1.6: a zip archive with <c>data.pkl</c>, one entry <c>data/KEY</c> a storage, <c>version</c> and, since
/// 2.1, <c>byteorder</c>.</summary>
internal sealed class TorchZip
{
    private const int LatestVersion = 10;
    private readonly IReadOnlyDictionary<string, StoredEntry> entries;
    private readonly string folder;
    private readonly Dictionary<string, TorchBlock> blocks = new(StringComparer.Ordinal);

    private TorchZip(IReadOnlyDictionary<string, StoredEntry> entries, string folder)
        => (this.entries, this.folder) = (entries, folder);

    public static object? Read(DataFile file)
    {
        IReadOnlyDictionary<string, StoredEntry> entries = StoredZip.Read(file);
        string[] pickles = [.. entries.Keys.Where(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        if (pickles.Length != 1 || entries.Keys.Any(name => name.EndsWith("constants.pkl", StringComparison.Ordinal)))
            throw new FormatException(Other([.. entries.Keys]));
        TorchZip zip = new(entries, pickles[0][..^"data.pkl".Length]);
        StoredEntry pickle = zip.Entry(pickles[0])!;
        zip.CheckVersion(file);

        TensorSource source = new(file) { BigEndian = zip.IsBigEndian(file) };
        PickleReader reader = new(file, pickle.Offset, pickle.Length);
        return new Unpickler(reader, new TorchGlobals(source).Find, zip.Storage).Load();
    }

    /// <summary>What a zip is that is none of torch.save's, by the names in it.</summary>
    private static string Other(string[] names)
    {
        if (names.Any(name => name.EndsWith("constants.pkl", StringComparison.Ordinal)))
        {
            return "it is a TorchScript program, whose weights lie among its code. Take them out in Python: "
                + "torch.save(torch.jit.load(path, map_location='cpu').state_dict(), new_path)";
        }
        if (names.Any(name => name.EndsWith(".weights.h5", StringComparison.Ordinal))) return "it is a Keras model";
        if (names.Length > 0 && names.All(name => name.EndsWith(".npy", StringComparison.Ordinal))) return "it is numpy's archive (.npz)";
        return $"it is a zip, but not of torch.save's: it holds {Differences.Some(names)}, and not one 'data.pkl'";
    }

    private StoredEntry? Entry(string name)
    {
        StoredEntry? entry = entries.GetValueOrDefault(name);
        return entry?.Refusal is { } refusal ? throw new FormatException(refusal) : entry;
    }

    private void CheckVersion(DataFile file)
    {
        string? text = (Record(file, "version") ?? Record(file, ".data/version"))?.Trim();
        if (text is null) throw new FormatException("its zip has no entry 'version'");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version is < 1 or > LatestVersion)
            throw new FormatException($"its version is '{text}'; expected 1 to {LatestVersion}");
    }

    private bool IsBigEndian(DataFile file) => Record(file, "byteorder")?.Trim() switch
    {
        null or "little" => false,
        "big" => true,
        string other => throw new FormatException($"its byteorder is '{other}'; expected little or big"),
    };

    private string? Record(DataFile file, string name)
    {
        if (Entry(folder + name) is not { } entry) return null;
        byte[] bytes = new byte[Math.Min(entry.Length, 64)];
        file.Read(entry.Offset, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary><c>('storage', class, key, location, count)</c></summary>
    private TorchStorage Storage(object? id)
    {
        if (id is not object?[] parts || parts is not ["storage", TorchStorageClass kind, string key, string, long count and >= 0])
            throw TorchStorage.Missing();
        StoredEntry entry = Entry($"{folder}data/{key}") ?? throw new FormatException($"its storage '{key}' has no entry in the zip");
        if (entry.Length / kind.Element.Size != count || entry.Length % kind.Element.Size != 0)
            throw new FormatException($"its storage '{key}' has {entry.Length} bytes; expected {count} × {kind.Element.Size}");
        if (!blocks.TryGetValue(key, out TorchBlock? block))
            blocks.Add(key, block = new TorchBlock(key) { Offset = entry.Offset, Found = true });
        return new TorchStorage(kind, block, 0, count);
    }
}
