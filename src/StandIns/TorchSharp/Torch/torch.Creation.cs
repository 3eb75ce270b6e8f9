using System;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Like(Aten.empty_like, [input], dtype, device, requires_grad, names);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Like(Aten.zeros_like, [input], dtype, device, requires_grad, names);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Like(Aten.ones_like, [input], dtype, device, requires_grad, names);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Like(Aten.full_like, [input, value], dtype, device, requires_grad, names);

    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Like(Aten.rand_like, [input], dtype, device, requires_grad, null);

    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Like(Aten.randn_like, [input], dtype, device, requires_grad, null);

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Make(Aten.empty_strided, [size, strides], dtype, device, requires_grad, names);

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Make(Aten.eye_m, [rows, columns == -1 ? rows : columns], dtype, device, requires_grad, names);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        bool integral = start.IsIntegral && stop.IsIntegral && step.IsIntegral;
        return Make(Aten.arange_start_step, [start, stop, step], dtype ?? (integral ? ScalarType.Int64 : get_default_dtype()), device, requires_grad, null);
    }

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Make(Aten.linspace, [start, end, steps], dtype, device, requires_grad, null);

    public static Tensor logspace(double start, double end, long steps, double @base = 10.0, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Make(Aten.logspace, [start, end, steps, @base], dtype, device, requires_grad, null);

    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Make(Aten.tril_indices, [row, col, offset], dtype, device, false, null);

    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Make(Aten.triu_indices, [row, col, offset], dtype, device, false, null);

    /// <summary>Calls a factory: its own arguments, then type, layout and device.</summary>
    private static Tensor Make(Operator factory, ReadOnlySpan<Value> arguments, ScalarType? dtype, Device device, bool requiresGrad, string[] names) =>
        Like(factory, arguments, dtype ?? get_default_dtype(), InitializeDevice(device), requiresGrad, names);

    /// <summary>The same where a missing type or device is that of an argument.</summary>
    private static Tensor Like(Operator factory, ReadOnlySpan<Value> arguments, ScalarType? dtype, Device device, bool requiresGrad, string[] names)
    {
        if (names is not null) throw new NotSupportedException("The TorchSharp stand-in has no named tensors.");
        Span<Value> all = new Value[arguments.Length + 3];
        arguments.CopyTo(all);
        all[arguments.Length] = dtype;
        all[arguments.Length + 2] = device;
        Tensor made = factory.Invoke(all);
        if (requiresGrad) made.requires_grad = true;
        return made;
    }

    private static ScalarType TypeOf(Scalar value) => value.IsIntegral ? ScalarType.Int64 : get_default_dtype();
}
