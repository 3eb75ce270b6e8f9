using MoCo.Tensors;

namespace MoCo.Loading.Pipeline;

/// <summary>The memory of one batch: tensors that workers write to by address, without a call to torch, and that the batch then
/// shows.</summary>
internal sealed unsafe class ViewSlot : IDisposable
{
    private readonly Tensor[] memory;
    private readonly nint[] addresses;
    private readonly int[] bytes;

    /// <summary>Allocates; on a consumer's thread.</summary>
    internal ViewSlot(ViewPlan plan, bool pinned)
    {
        (memory, addresses, bytes) = (new Tensor[plan.Views], new nint[plan.Views], new int[plan.Views]);
        for (int view = 0; view < plan.Views; view++)
        {
            bytes[view] = plan.BytesOf(view);
            memory[view] = Allocate(plan, plan.Recipes[view].OutputSize, pinned).DetachFromDisposeScope();
            fixed (byte* address = memory[view].bytes)
                addresses[view] = (nint)address;
        }
        (Indices, Labels, Bad) = (new int[plan.Rows], new int[plan.Rows], new bool[plan.Rows]);
    }

    /// <summary>The batch it holds or will hold; −1: free.</summary>
    internal int Batch { get; set; } = -1;

    /// <summary>Rows of the batch.</summary>
    internal int Size { get; set; }

    /// <summary>Images not yet done; 0: ready for the consumer.</summary>
    internal int Left { get; set; }

    /// <summary>Images that could not be read.</summary>
    internal int BadCount { get; set; }

    /// <summary>Stopwatch ticks of workers, summed.</summary>
    internal long DecodeTicks { get; set; }

    internal long AugmentTicks { get; set; }

    /// <summary>The error at the lowest place: the same one whichever worker was first.</summary>
    internal LoaderException? Error { get; set; }

    internal int ErrorPlace { get; set; }

    internal int[] Indices { get; }

    internal int[] Labels { get; }

    internal bool[] Bad { get; }

    internal Span<byte> Row(int view, int place) => new((byte*)addresses[view] + ((long)place * bytes[view]), bytes[view]);

    internal void Begin(int batch, int size)
    {
        (Batch, Size, Left, BadCount, DecodeTicks, AugmentTicks, Error) = (batch, size, size, 0, 0, 0, null);
        Bad.AsSpan(0, size).Clear();
    }

    /// <summary>Puts in each bad image's place the views of the nearest good one before it, the batch seen as a ring.</summary>
    /// <returns>False where there is no good one.</returns>
    internal bool Repair()
    {
        if (BadCount == Size) return false;
        int good = Array.LastIndexOf(Bad, false, Size - 1, Size);
        for (int place = 0; place < Size; place++)
        {
            if (Bad[place]) Copy(good, place);
            else good = place;
        }
        return true;
    }

    /// <summary>Closes the gaps that bad images left.</summary>
    internal void Compact()
    {
        int next = 0;
        for (int place = 0; place < Size; place++)
        {
            if (Bad[place]) continue;
            if (next < place) Copy(place, next);
            next++;
        }
        Size = next;
    }

    /// <summary>A tensor N×C×H×W of a view of the batch's images, in no dispose scope.</summary>
    internal Tensor View(int view, Device? device)
    {
        using Tensor rows = memory[view].narrow(0, 0, Size);
        // Pinned memory is used again when a fence has seen the copy done, any other as soon as the call returns.
        using Tensor placed = device is null ? rows.alias() : rows.CopyTo(device);
        return placed.permute(0, 3, 1, 2).DetachFromDisposeScope();
    }

    public void Dispose() => Array.ForEach(memory, tensor => tensor.Dispose());

    private static Tensor Allocate(ViewPlan plan, long size, bool pinned)
    {
        long rows = plan.Rows, channels = plan.Set.Channels;
        ScalarType type = plan.Options.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor tensor = empty(rows, size, size, channels, dtype: type); // channels-last: what convolutions read fastest
        if (!pinned) return tensor;
        using (tensor)
            return tensor.pin_memory();
    }

    private void Copy(int from, int to)
    {
        for (int view = 0; view < addresses.Length; view++) Row(view, from).CopyTo(Row(view, to));
        (Indices[to], Labels[to]) = (Indices[from], Labels[from]);
    }
}
