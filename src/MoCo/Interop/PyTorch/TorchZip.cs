using System.Text;

namespace MoCo.Interop.PyTorch;

/// <summary>PyTorch's format since 1.6: a zip archive with <c>data.pkl</c>, one entry <c>data/KEY</c> a storage, <c>version</c> and, since
/// 2.1, <c>byteorder</c>.</summary>
internal sealed class TorchZip
{
    private const int LatestVersion = 10;
    private readonly IReadOnlyDictionary<string, (long Offset, long Length)> entries;
    private readonly string folder;
    private readonly Dictionary<string, TorchBlock> blocks = new(StringComparer.Ordinal);

    private TorchZip(IReadOnlyDictionary<string, (long Offset, long Length)> entries, string folder)
        => (this.entries, this.folder) = (entries, folder);

    public static object? Read(DataFile file)
    {
        IReadOnlyDictionary<string, (long Offset, long Length)> entries = StoredZip.Read(file);
        string[] pickles = [.. entries.Keys.Where(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        if (pickles.Length != 1)
        {
            throw new FormatException(
                $"its zip has {pickles.Length} entries 'data.pkl'; expected 1 (it is a zip, but not of torch.save's)");
        }
        TorchZip zip = new(entries, pickles[0][..^"data.pkl".Length]);
        zip.CheckVersion(file);

        TensorSource source = new(file) { BigEndian = zip.IsBigEndian(file) };
        (long offset, long length) = entries[pickles[0]];
        return new Unpickler(new PickleReader(file, offset, length), new TorchGlobals(source).Find, zip.Storage).Load();
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
        if (!entries.TryGetValue(folder + name, out (long Offset, long Length) entry)) return null;
        byte[] bytes = new byte[Math.Min(entry.Length, 64)];
        file.Read(entry.Offset, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary><c>('storage', class, key, location, count)</c></summary>
    private TorchStorage Storage(object? id)
    {
        if (id is not object?[] parts || parts is not ["storage", TorchStorageClass kind, string key, string, long count and >= 0])
            throw TorchStorage.Missing();
        if (!entries.TryGetValue($"{folder}data/{key}", out (long Offset, long Length) entry))
            throw new FormatException($"its storage '{key}' has no entry in the zip");
        if (entry.Length / kind.Element.Size != count || entry.Length % kind.Element.Size != 0)
            throw new FormatException($"its storage '{key}' has {entry.Length} bytes; expected {count} × {kind.Element.Size}");
        if (!blocks.TryGetValue(key, out TorchBlock? block))
            blocks.Add(key, block = new TorchBlock(key) { Offset = entry.Offset, Found = true });
        return new TorchStorage(kind, block, 0, count);
    }
}
