using System;
using System.Runtime.InteropServices;
using System.Threading;
using TorchSharp.Native;

namespace TorchSharp;

/// <summary>One reference to a native tensor; the finaliser lets go of a forgotten one.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long live;
    private static long peak;

    internal TensorHandle(nint native)
        : base(0, true)
    {
        SetHandle(native);
        long now = Interlocked.Increment(ref live);
        if (now > peak) peak = now;
    }

    /// <summary>What a tensor holds whose native tensor was moved elsewhere.</summary>
    internal static TensorHandle Closed { get; } = CreateClosed();

    internal static long Live => Interlocked.Read(ref live);

    internal static long Peak => Interlocked.Read(ref peak);

    public override bool IsInvalid => handle == 0;

    /// <summary>The address, zero once let go of.</summary>
    internal nint Address => handle;

    /// <summary>Hands the reference over to native code.</summary>
    internal nint Decouple()
    {
        nint native = handle;
        Interlocked.Decrement(ref live);
        handle = 0;
        SetHandleAsInvalid();
        GC.SuppressFinalize(this);
        return native;
    }

    private static TensorHandle CreateClosed()
    {
        var closed = new TensorHandle(0);
        closed.Decouple();
        return closed;
    }

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref live);
        Shim.moco_tensor_free(handle);
        handle = 0;
        return true;
    }
}
