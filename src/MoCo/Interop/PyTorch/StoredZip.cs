namespace MoCo.Interop.PyTorch;

/// <summary>A zip archive whose entries are stored as they are, as PyTorch's are: name → where the bytes lie. Refuses the bytes of
/// compressed or encrypted entries: a tensor is read where it lies.</summary>
internal static class StoredZip
{
    private const int DirectoryLimit = 64 << 20;

    public static IReadOnlyDictionary<string, StoredEntry> Read(DataFile file)
    {
        Dictionary<string, StoredEntry> entries = new(StringComparer.Ordinal);
        foreach (ZipEntry entry in ZipDirectory.Read(file, DirectoryLimit))
        {
            string? refusal = entry.IsEncrypted ? "encrypted"
                : entry.Method != 0 ? $"compressed (method {entry.Method}); expected stored, as torch.save writes"
                : entry.Packed != entry.Size ? $"stored in {entry.Packed} bytes, but has {entry.Size}"
                : null;
            long data = refusal is null ? ZipDirectory.Data(file, entry) : 0;
            refusal = refusal is null ? null : $"its zip entry '{entry.Name}' is {refusal}";
            if (!entries.TryAdd(entry.Name, new StoredEntry(data, entry.Size, refusal)))
                throw new FormatException($"its zip has the entry '{entry.Name}' twice");
        }
        return entries;
    }
}

/// <summary>An entry of a zip archive.</summary>
/// <param name="Offset">Where its bytes lie in the file.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Refusal">Why they can't be taken as they lie, or null.</param>
internal sealed record StoredEntry(long Offset, long Length, string? Refusal);
