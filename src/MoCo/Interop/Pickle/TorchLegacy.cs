using System.Buffers.Binary;
using System.Numerics;
using MoCo.Files;

namespace MoCo.Interop.Pickle;

/// <summary>
/// PyTorch's format before 1.6, which the released MoCo files have: pickles of a magic number, a protocol, the writer's
/// system, the content and the storages' keys, one after the other; then each storage, its count before its numbers, both
/// little-endian whatever the writer's system is.
/// </summary>
internal sealed class TorchLegacy
{
    private const long Protocol = 1001;
    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
    private readonly Dictionary<string, TorchBlock> blocks = new(StringComparer.Ordinal);

    public static object? Read(DataFile file)
    {
        using var stream = new BufferedStream(file.Section(0, file.Length), 1 << 16);
        var reader = new PickleReader(stream, file.Length);
        if (!(new Unpickler(reader, NoGlobals).Load() is BigInteger magic && magic == Magic)) throw new FormatException("it is a plain pickle, not a file of torch.save's");
        if (new Unpickler(reader, NoGlobals).Load() is not Protocol) throw new FormatException($"its protocol is another one than {Protocol}");
        new Unpickler(reader, NoGlobals).Load(); // sizes of C types on the writer's system: storages do not depend on them

        var legacy = new TorchLegacy();
        object? root = new Unpickler(reader, new TorchGlobals(new TensorSource(file)).Find, legacy.Storage).Load();
        if (new Unpickler(reader, NoGlobals).Load() is not List<object?> keys) throw new FormatException("it has no list of storages after its content");
        legacy.Locate(file, keys, reader.Position);
        return root;
    }

    private static object? NoGlobals(string module, string name) => throw new FormatException($"it names '{module}.{name}' outside its content");

    /// <summary><c>('storage', class, key, location, count, view)</c>; a view is <c>(key, offset, count)</c> within the storage.</summary>
    private TorchStorage Storage(object? id)
    {
        if (id is not object?[] parts || parts is not ["storage", TorchStorageClass kind, string key, string, long count and >= 0, ..])
            throw new FormatException("it refers to something that is no storage (it may be a whole saved module; save its state_dict instead)");
        if (count > long.MaxValue / 16) throw new FormatException($"its storage '{key}' has {count} elements");
        long bytes = count * kind.Element.Size;
        if (!blocks.TryGetValue(key, out TorchBlock? block))
            blocks.Add(key, block = new TorchBlock(key) { Bytes = bytes, ElementSize = kind.Element.Size });
        if (block.Bytes != bytes || block.ElementSize != kind.Element.Size)
            throw new FormatException($"its storage '{key}' has {block.Bytes} bytes in one place and {bytes} in another");
        return parts switch
        {
            { Length: 5 } or [.., null] => new TorchStorage(kind, block, 0, count),
            [.., object?[] and [_, long start and >= 0, long part and >= 0]] when start <= count && part <= count - start => new TorchStorage(kind, block, start, part),
            _ => throw new FormatException($"its storage '{key}' is seen through a view that leaves it"),
        };
    }

    private void Locate(DataFile file, List<object?> keys, long position)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (object? item in keys)
        {
            if (item is not string key || !blocks.TryGetValue(key, out TorchBlock? block)) throw new FormatException($"it lists the storage '{item}', which its content does not have");
            if (position > file.Length - 8) throw new FormatException($"it ends before its storage '{key}'");
            file.Read(position, prefix);
            long count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            position += 8;
            if (count != block.Bytes / block.ElementSize) throw new FormatException($"its storage '{key}' has {count} elements; expected {block.Bytes / block.ElementSize}");
            if (block.Bytes > file.Length - position) throw new FormatException($"it ends within its storage '{key}' of {block.Bytes} bytes");
            (block.Offset, block.Found) = (position, true);
            position += block.Bytes;
        }
        TorchBlock? missing = blocks.Values.FirstOrDefault(block => !block.Found);
        if (missing is not null) throw new FormatException($"its storage '{missing.Key}' is missing");
    }
}
