using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp.Native;

/// <summary>Differentiation: the two calls that are no operators.</summary>
internal static unsafe class Autograd
{
    internal static void Backward(IList<Tensor> tensors, IList<Tensor> gradients, bool retainGraph, bool createGraph, IList<Tensor> inputs)
    {
        nint[] outputHandles = Handles(tensors), gradientHandles = Handles(gradients), inputHandles = Handles(inputs);
        fixed (nint* outputs = outputHandles, gradient = gradientHandles, input = inputHandles)
        {
            Shim.Check(Shim.moco_backward(
                outputs, outputHandles.Length, gradient, gradientHandles.Length,
                retainGraph ? 1 : 0, createGraph ? 1 : 0, input, inputHandles.Length));
        }
        GC.KeepAlive(tensors);
        GC.KeepAlive(gradients);
        GC.KeepAlive(inputs);
    }

    internal static Tensor[] Grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> gradients, bool retainGraph, bool createGraph, bool allowUnused)
    {
        nint[] outputHandles = Handles(outputs), gradientHandles = Handles(gradients), inputHandles = Handles(inputs);
        var found = new nint[inputHandles.Length];
        fixed (nint* output = outputHandles, gradient = gradientHandles, input = inputHandles, results = found)
        {
            Shim.Check(Shim.moco_grad(
                output, outputHandles.Length, input, inputHandles.Length, gradient, gradientHandles.Length,
                retainGraph ? 1 : 0, createGraph ? 1 : 0, allowUnused ? 1 : 0, results));
        }
        GC.KeepAlive(outputs);
        GC.KeepAlive(gradients);
        GC.KeepAlive(inputs);
        return Array.ConvertAll(found, handle => handle == 0 ? null : new Tensor(handle));
    }

    private static nint[] Handles(IList<Tensor> tensors)
    {
        if (tensors is null) return [];
        var handles = new nint[tensors.Count];
        for (int i = 0; i < handles.Length; i++) handles[i] = tensors[i] is null ? 0 : tensors[i].Handle;
        return handles;
    }
}
