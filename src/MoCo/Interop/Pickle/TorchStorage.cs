namespace MoCo.Interop.Pickle;

/// <summary>A class of storages, as a pickle names it: <c>torch.FloatStorage</c>; untyped ones count in bytes and leave the type to the tensor.</summary>
internal sealed record TorchStorageClass(TorchElement Element, bool Untyped);

/// <summary>A pickle's reference to a run of numbers.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Block">Where the bytes lie; storages of one key share it.</param>
/// <param name="Start">First element within the block.</param>
/// <param name="Count">How many elements.</param>
internal sealed record TorchStorage(TorchStorageClass Kind, TorchBlock Block, long Start, long Count);

/// <summary>A block of bytes in the file, known once the file's directory or the legacy format's last part was read.</summary>
internal sealed class TorchBlock(string key)
{
    public string Key => key;

    /// <summary>First byte in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Bytes that the references ask for.</summary>
    public long Bytes { get; set; }

    /// <summary>Bytes of one element, for the legacy format, which counts in elements.</summary>
    public int ElementSize { get; set; }

    /// <summary>Whether the bytes were found in the file.</summary>
    public bool Found { get; set; }
}
