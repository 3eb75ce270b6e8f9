using System.Runtime.InteropServices;

namespace MoCo.Distributed.Nccl;

/// <summary>What rank 0 makes and all ranks join with; NCCL takes it by value.</summary>
internal unsafe struct UniqueId
{
    /// <summary>NCCL_UNIQUE_ID_BYTES.</summary>
    public const int Length = 128;

    public fixed byte Bytes[Length];

    public static UniqueId From(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<UniqueId>(bytes);

    public readonly byte[] ToArray()
    {
        fixed (byte* first = Bytes) return new ReadOnlySpan<byte>(first, Length).ToArray();
    }
}
