using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The version of the libtorch below.</summary>
    public static string __version__ => System.Runtime.InteropServices.Marshal.PtrToStringUTF8(Shim.moco_version());

#nullable enable annotations
    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;
#nullable restore annotations

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    /// <summary>Evaluates the expression in a scope of its own and moves its result out of that.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    /// <summary>Throws the error that libtorch reported last on this thread, if any.</summary>
    public static void CheckForErrors() => Shim.ThrowLastError();

    public static int get_num_threads() => Shim.moco_get_num_threads();

    public static void set_num_threads(int num) => Shim.Check(Shim.moco_set_num_threads(num));

    public static int get_num_interop_threads() => Shim.moco_get_num_interop_threads();

    public static void set_num_interop_threads(int num) => Shim.Check(Shim.moco_set_num_interop_threads(num));
}
