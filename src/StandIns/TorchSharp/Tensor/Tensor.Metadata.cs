using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Shim.moco_tensor_dim(Handle);

        public long ndim => Dimensions;

        public long NumberOfElements => Shim.moco_tensor_numel(Handle);

        public long ElementSize => Shim.moco_tensor_itemsize(Handle);

        public ScalarType dtype => (ScalarType)Shim.moco_tensor_dtype(Handle);

        public Device device => Device.FromBits(Shim.moco_tensor_device(Handle));

        public DeviceType device_type => (DeviceType)(byte)Shim.moco_tensor_device(Handle);

        public int device_index => (int)(Shim.moco_tensor_device(Handle) >> 8);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Shim.moco_tensor_layout(Handle) == (int)layout.sparse_coo;

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* pointer = sizes) Shim.Check(Shim.moco_tensor_sizes(Handle, pointer));
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => At(shape, dim);

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* pointer = strides) Shim.Check(Shim.moco_tensor_strides(Handle, pointer));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => At(stride(), dim);

        public long storage_offset()
        {
            long offset = Shim.moco_tensor_storage_offset(Handle);
            if (offset < 0) Shim.ThrowLastError();
            GC.KeepAlive(this);
            return offset;
        }

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous()
        {
            int contiguous = Shim.moco_tensor_is_contiguous(Handle, 0);
            Shim.Check(contiguous);
            GC.KeepAlive(this);
            return contiguous != 0;
        }

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_nonzero()
        {
            if (NumberOfElements != 1) throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            return Aten.is_nonzero.InvokeBool(this);
        }

        public bool is_pinned() => Aten.is_pinned.InvokeBool(this);

        private static long At(long[] list, int dim)
        {
            int index = dim < 0 ? dim + list.Length : dim;
            if ((uint)index >= (uint)list.Length) throw new System.Runtime.InteropServices.ExternalException($"Dimension out of range (expected to be in range of [{-list.Length}, {list.Length - 1}], but got {dim})");
            return list[index];
        }
    }
}
