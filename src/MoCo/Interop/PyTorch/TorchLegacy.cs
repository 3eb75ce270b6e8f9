using System.Numerics;

namespace MoCo.Interop.PyTorch;

/// <summary>PyTorch's format before 1.6, which the released MoCo files have: pickles of a magic number, a protocol, the writer's system,
/// the content and the storages' keys, one after the other; then each storage, its count before its numbers, both little-endian whatever
/// the writer's system is.</summary>
internal sealed class TorchLegacy
{
    private const long Protocol = 1001;
    private static readonly BigInteger Magic
        = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly Dictionary<string, TorchBlock> blocks = new(StringComparer.Ordinal);

    public static object? Read(DataFile file)
    {
        PickleReader reader = new(file, 0, file.Length);
        if (Plain() is not BigInteger magic || magic != Magic)
            throw new FormatException("it is a plain pickle, not a file of torch.save's");
        if (Plain() is not Protocol) throw new FormatException($"its protocol is another one than {Protocol}");
        Plain(); // sizes of C types on the writer's system: storages do not depend on them

        TorchLegacy legacy = new();
        object? root = new Unpickler(reader, new TorchGlobals(new TensorSource(file)).Find, legacy.Storage).Load();
        if (Plain() is not List<object?> keys) throw new FormatException("it has no list of storages after its content");
        legacy.Locate(file, keys, reader.Position);
        return root;

        object? Plain() => new Unpickler(reader, NoGlobals).Load();

        static object? NoGlobals(string module, string name, bool isWhole)
            => throw new FormatException($"it names '{module}.{name}' outside its content");
    }

    /// <summary><c>('storage', class, key, location, count, view)</c>; a view is <c>(key, offset, count)</c> within the storage.</summary>
    private TorchStorage Storage(object? id)
    {
        if (id is not object?[] parts || parts is not ["storage", TorchStorageClass kind, string key, string, long count and >= 0, ..])
            throw TorchStorage.Missing();
        if (count > long.MaxValue / 16) throw new FormatException($"its storage '{key}' has {count} elements");
        long bytes = count * kind.Element.Size;
        if (!blocks.TryGetValue(key, out TorchBlock? block))
            blocks.Add(key, block = new TorchBlock(key) { Bytes = bytes, ElementSize = kind.Element.Size });
        if (block.Bytes != bytes || block.ElementSize != kind.Element.Size)
            throw new FormatException($"its storage '{key}' has {block.Bytes} bytes in one place and {bytes} in another");
        return parts switch
        {
            { Length: 5 } or [.., null] => new TorchStorage(kind, block, 0, count),
            [.., object?[] and [_, long start and >= 0, long part and >= 0]] when start <= count && part <= count - start
                => new TorchStorage(kind, block, start, part),
            _ => throw new FormatException($"its storage '{key}' is seen through a view that leaves it"),
        };
    }

    private void Locate(DataFile file, List<object?> keys, long position)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (object? item in keys)
        {
            if (item is not string key || !blocks.TryGetValue(key, out TorchBlock? block))
                throw new FormatException(Invariant($"it lists the storage '{item}', which its content does not have"));
            if (position > file.Length - 8) throw new FormatException($"it ends before its storage '{key}'");
            file.Read(position, prefix);
            long count = BinaryPrimitives.ReadInt64LittleEndian(prefix), expected = block.Bytes / block.ElementSize;
            position += 8;
            if (count != expected) throw new FormatException($"its storage '{key}' has {count} elements; expected {expected}");
            if (block.Bytes > file.Length - position)
                throw new FormatException($"it ends within its storage '{key}' of {block.Bytes} bytes");
            (block.Offset, block.Found) = (position, true);
            position += block.Bytes;
        }
        TorchBlock? missing = blocks.Values.FirstOrDefault(block => !block.Found);
        if (missing is not null) throw new FormatException($"its storage '{missing.Key}' is missing");
    }
}
