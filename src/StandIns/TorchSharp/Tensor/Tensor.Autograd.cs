using System;
using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Shim.moco_tensor_requires_grad(Handle) != 0;
            set
            {
                Shim.Check(Shim.moco_tensor_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public bool is_leaf
        {
            get
            {
                int leaf = Shim.moco_tensor_is_leaf(Handle);
                Shim.Check(leaf);
                GC.KeepAlive(this);
                return leaf != 0;
            }
        }

#nullable enable annotations
        public Tensor? grad
#nullable restore annotations
        {
            get
            {
                Tensor gradient = Wrap(Shim.moco_tensor_grad(Handle));
                GC.KeepAlive(this);
                return gradient;
            }
            set
            {
                Shim.Check(Shim.moco_tensor_set_grad(Handle, value is null ? 0 : value.Handle));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            Shim.Check(Shim.moco_tensor_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => Autograd.Backward([this], null, false, false, null);

        public void backward(IList<Tensor> grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor> inputs = null) =>
            Autograd.Backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
