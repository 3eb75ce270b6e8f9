using System;
using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static bool is_grad_enabled() => Shim.moco_grad_mode() != 0;

    public static bool is_inference_mode_enabled() => Shim.moco_inference_mode() != 0;

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static partial class autograd
    {
        public static void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            Autograd.Backward(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false) =>
            Autograd.Grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused);
    }

    /// <summary>Sets the calling thread's gradient flag until disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly int before = Shim.moco_grad_mode();

        internal GradMode(bool enabled) => Shim.moco_grad_mode_set(enabled ? 1 : 0);

        public void Dispose() => Shim.moco_grad_mode_set(before);
    }

    /// <summary>libtorch's own guard, which must be left on the thread that entered it.</summary>
    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint guard = Shim.moco_inference_mode_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            if (guard == 0) return;
            Shim.moco_inference_mode_leave(guard);
            guard = 0;
        }
    }
}
