using System.Runtime.InteropServices;

namespace MoCo.Tests.Shared;

/// <summary>Memory between two pages that may not be touched: a read or write of one byte too many ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;

    private readonly nint start;
    private readonly nuint length;

    /// <param name="bytes">How many may be touched.</param>
    /// <param name="atEnd">Whether they end where the forbidden page begins; else they begin where one ends.</param>
    public GuardedMemory(long bytes, bool atEnd = true)
    {
        nuint page = (nuint)Environment.SystemPageSize, inner = ((nuint)Math.Max(bytes, 1) + page - 1) / page * page;
        length = inner + 2 * page;
        start = Map(0, length, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1 || Protect(start, page, 0) != 0 || Protect(start + (nint)(page + inner), page, 0) != 0)
            throw new InvalidOperationException($"mmap or mprotect of {length} bytes failed: error {Marshal.GetLastPInvokeError()}.");
        Bytes = (byte*)start + page + (atEnd ? inner - (nuint)bytes : 0);
        Count = checked((int)bytes);
    }

    public byte* Bytes { get; }

    public int Count { get; }

    public Span<byte> Span => new(Bytes, Count);

    /// <summary>Memory with random bytes.</summary>
    public static GuardedMemory Noise(long bytes, bool atEnd, Random random)
    {
        GuardedMemory memory = new(bytes, atEnd);
        random.NextBytes(memory.Span);
        return memory;
    }

    public void Dispose() => _ = Unmap(start, length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
