namespace TorchSharp;

// tensors of no dimension
public static partial class torch
{
    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Bool, dtype, device, requires_grad, null);

    public static Tensor tensor(byte scalar, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Byte, null, device, requires_grad, null);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Float64, dtype, device, requires_grad, null);

    public static Tensor tensor(float scalar, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Float32, null, device, requires_grad, null);

    public static Tensor tensor(int scalar, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Int32, null, device, requires_grad, null);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Int64, dtype, device, requires_grad, null);

    public static Tensor tensor(sbyte scalar, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Int8, null, device, requires_grad, null);

    public static Tensor tensor(short scalar, Device device = null, bool requires_grad = false) =>
        FromData(new[] { scalar }, [], ScalarType.Int16, null, device, requires_grad, null);
}
