using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Memory in one range of addresses, given out in blocks: the smallest gap that a block fits in, the first of them. A block that
/// is given back joins the gaps beside it and keeps its pages, so that the next one finds them cleared and mapped. For blocks of a
/// megabyte and more, of which there are some hundred: a request looks at all of them.</summary>
/// <remarks>Safe from any thread, and makes nothing that .NET collects but when there are more blocks than ever before.</remarks>
internal sealed unsafe partial class BlockPool : IDisposable
{
    // Before each block lies its number; 64 bytes keep it aligned as libtorch's own.
    private const int Header = 64;

    private const long Page = 4096;

    private const int None = -1;

    private readonly Lock gate = new();
    private readonly byte* memory;
    private readonly long length;
    private Block[] blocks = new Block[1024];
    private int unused = 1; // below lie those of the list and those that left it
    private int left = None;

    private BlockPool(byte* memory, long length)
    {
        this.memory = memory;
        this.length = length;
        blocks[0] = new Block { Size = length, Before = None, After = None, IsGap = true };
    }

    /// <summary>Bytes of all blocks that are out, their headers included.</summary>
    public long InUse { get; private set; }

    /// <summary>Reserves addresses, not memory: a page is the system's until it is first written.</summary>
    /// <param name="length">Bytes, a multiple of 4096.</param>
    /// <returns>The pool; null where the system refuses so large a range.</returns>
    public static BlockPool? Reserve(long length)
    {
        const int ReadWrite = 3, PrivateAnonymousNoReserve = 0x4022;
        void* memory = Map(null, (nuint)length, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        return (nint)memory == -1 ? null : new BlockPool((byte*)memory, length);
    }

    /// <summary>Gives out a block, aligned to 64 bytes, of any content.</summary>
    /// <returns>Its address; null where no gap is large enough.</returns>
    public void* Take(long bytes)
    {
        if (bytes < 0 || bytes > length - Header - Page) return null;
        long size = (bytes + Header + Page - 1) / Page * Page;
        lock (gate)
        {
            int best = None;
            for (int i = 0; i != None; i = blocks[i].After)
                if (blocks[i].IsGap && blocks[i].Size >= size && (best == None || blocks[i].Size < blocks[best].Size)) best = i;
            if (best == None) return null;
            if (blocks[best].Size > size) Split(best, size);
            blocks[best].IsGap = false;
            InUse += size;
            byte* header = memory + blocks[best].Offset;
            *(int*)header = best;
            return header + Header;
        }
    }

    /// <summary>Whether an address lies in the pool's range.</summary>
    public bool Holds(void* address) => address >= memory && address < memory + length;

    /// <summary>Takes a block back.</summary>
    public void Give(void* block)
    {
        int i = *(int*)((byte*)block - Header);
        lock (gate)
        {
            InUse -= blocks[i].Size;
            blocks[i].IsGap = true;
            if (blocks[i].After is int after and not None && blocks[after].IsGap) Join(i, after);
            if (blocks[i].Before is int before and not None && blocks[before].IsGap) Join(before, i);
        }
    }

    /// <summary>Gives the pages of all gaps back to the system; what comes to lie there takes them anew.</summary>
    public void Trim()
    {
        const int DontNeed = 4;
        lock (gate)
        {
            for (int i = 0; i != None; i = blocks[i].After)
                if (blocks[i].IsGap) _ = Advise(memory + blocks[i].Offset, (nuint)blocks[i].Size, DontNeed);
        }
    }

    /// <summary>Frees everything, blocks that are out included.</summary>
    public void Dispose() => _ = Unmap(memory, (nuint)length);

    /// <summary>Cuts a gap in two, the first of a size.</summary>
    private void Split(int gap, long size)
    {
        int rest = left;
        if (rest == None)
        {
            if (unused == blocks.Length) Array.Resize(ref blocks, 2 * blocks.Length);
            rest = unused++;
        }
        else
        {
            left = blocks[rest].After;
        }
        int after = blocks[gap].After;
        blocks[rest] = new Block
        {
            Offset = blocks[gap].Offset + size,
            Size = blocks[gap].Size - size,
            Before = gap,
            After = after,
            IsGap = true,
        };
        if (after != None) blocks[after].Before = rest;
        (blocks[gap].Size, blocks[gap].After) = (size, rest);
    }

    /// <summary>Makes one gap of two that lie side by side.</summary>
    private void Join(int first, int second)
    {
        blocks[first].Size += blocks[second].Size;
        int after = blocks[first].After = blocks[second].After;
        if (after != None) blocks[after].Before = first;
        blocks[second].After = left;
        left = second;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint length, int advice);

    /// <summary>A part of the range, in a list by address.</summary>
    private struct Block
    {
        public long Offset;
        public long Size;
        public int Before;
        public int After;
        public bool IsGap;
    }
}
