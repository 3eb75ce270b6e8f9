using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor T => t();

        public Tensor mT => transpose(-2, -1);

        public Tensor alias()
        {
            Tensor same = Wrap(Shim.moco_tensor_alias(Handle));
            GC.KeepAlive(this);
            return same;
        }

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device device = null, bool non_blocking = false)
        {
            if (device is not null && device.type != DeviceType.CUDA) throw new ArgumentException("Not a CUDA device.", nameof(device));
            return to(InitializeDevice(device ?? CUDA), non_blocking: non_blocking);
        }

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            DisposeIf(disposeAfter, Aten.to_dtype.Invoke(this, type, non_blocking, copy));

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDeviceType(device.type);
            return DisposeIf(disposeAfter, Aten.to_dtype_layout.Invoke(this, Value.None, Value.None, device, Value.None, non_blocking, copy));
        }

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            device = InitializeDevice(device);
            return DisposeIf(disposeAfter, Aten.to_device.Invoke(this, device, type, non_blocking, copy));
        }

        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);

        public Scalar ToScalar() => Aten.item.InvokeScalar(this);

        public override string ToString() => $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        private Tensor DisposeIf(bool dispose, Tensor result)
        {
            if (dispose) Dispose();
            return result;
        }
    }
}
