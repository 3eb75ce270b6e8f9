using System.Reflection;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Moving or converting makes new Parameters and puts them into the registry and the fields: whoever
        // held the old ones (an optimizer) holds disposed tensors afterwards.
        public partial class Module
        {
            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckConvertible(dtype);
                CheckAvailable(device.type);
                if (device.type != DeviceType.CUDA)
                    device = new Device(device.type, -1);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                if (deviceType != DeviceType.CUDA)
                    deviceIndex = -1;
                CheckAvailable(deviceType);
                if (deviceType != _deviceType || deviceIndex != _deviceIndex)
                    _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckConvertible(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking)
                => _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            protected virtual void _toEpilog(ScalarType? dtype, Device device, bool non_blocking)
            {
                if (dtype is null && device is null)
                    throw new ArgumentNullException(nameof(dtype), $"{nameof(dtype)} and {nameof(device)} are both null.");

                foreach (var (_, child) in named_children())
                {
                    if (device is null)
                        child._to(dtype.Value, non_blocking);
                    else if (dtype is null)
                        child._to(device.type, device.index, non_blocking);
                    else
                        child._to(device, dtype.Value, non_blocking);
                }

                var fields = InstanceFields(GetType()).ToDictionary(field => field.ComponentName());
                var properties = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(property => property.Name);
                foreach (var (key, parameter) in named_parameters(false).ToList())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out var converted))
                        continue;
                    // a public property of that name is trusted to register what it is given
                    if (properties.TryGetValue(key, out var property))
                    {
                        property.SetValue(this, converted);
                        continue;
                    }
                    parameter.Dispose();
                    ConditionallyRegisterParameter(key, converted);
                    if (fields.TryGetValue(key, out var field))
                        field.SetValue(this, converted);
                }
                foreach (var (key, buffer) in named_buffers(false).ToList())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out var converted))
                        continue;
                    if (properties.TryGetValue(key, out var property))
                    {
                        property.SetValue(this, converted);
                        continue;
                    }
                    ConditionallyRegisterBuffer(key, converted);
                    if (fields.TryGetValue(key, out var field))
                        field.SetValue(this, converted);
                }

                if (device is not null)
                    (_deviceType, _deviceIndex) = (device.type, device.index);
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device device, Tensor buffer, out Tensor result)
            {
                result = null;
                if (!WouldCopy(buffer, dtype, device))
                    return false;
                result = buffer.to(Converted(buffer, dtype), device ?? buffer.device, disposeAfter: true).DetachFromDisposeScope();
                return true;
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device device, Modules.Parameter param, out Modules.Parameter p)
            {
                p = null;
                using var grad = param.grad;
                if (!WouldCopy(param, dtype, device) && (grad is null || !WouldCopy(grad, dtype, device)))
                    return false;

                // without recording, so that the new tensor is a leaf
                using var noGrad = no_grad();
                var target = device ?? param.device;
                var type = Converted(param, dtype);
                p = new Modules.Parameter(param.to(type, target), param.requires_grad);
                p.DetachFromDisposeScope();
                if (grad is not null)
                {
                    using var converted = grad.to(type, target);
                    p.grad = converted.with_requires_grad(grad.requires_grad);
                }
                return true;
            }

            private static bool WouldCopy(Tensor tensor, ScalarType? dtype, Device device)
                => (dtype is { } type && type != tensor.dtype)
                    || (device is not null && (device.type != tensor.device_type || device.index != tensor.device_index));

            /// <summary>Integers (a queue's pointer, a batch counter) keep their type.</summary>
            private static ScalarType Converted(Tensor tensor, ScalarType? dtype)
                => dtype is { } type && (tensor.is_floating_point() || tensor.is_complex()) ? type : tensor.dtype;

            private static void CheckConvertible(ScalarType dtype)
            {
                if (!is_floating_point(dtype) && !is_complex(dtype))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private static void CheckAvailable(DeviceType deviceType)
            {
                if (deviceType == DeviceType.CUDA && !cuda.is_available())
                    throw new InvalidOperationException("CUDA is not available.");
            }
        }
    }
}
