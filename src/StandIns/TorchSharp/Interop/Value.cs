using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Native;

/// <summary>An argument of an <see cref="Operator"/>; whatever an operator takes converts to it by itself.</summary>
internal readonly struct Value
{
    internal readonly object Reference;
    internal readonly long Bits;
    internal readonly ValueKind Kind;

    private Value(ValueKind kind, object reference, long bits = 0)
    {
        Kind = kind;
        Reference = reference;
        Bits = bits;
    }

    /// <summary>Python's <c>None</c>; an undefined tensor where the operator insists on one.</summary>
    internal static Value None => default;

    /// <summary>What the operator's own schema says for this argument.</summary>
    internal static Value Default => new(ValueKind.Default, null);

    public static implicit operator Value(torch.Tensor value) => value is null ? None : new(ValueKind.Tensor, value);
    public static implicit operator Value(long value) => new(ValueKind.Int, null, value);
    public static implicit operator Value(double value) => new(ValueKind.Double, null, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Value(bool value) => new(ValueKind.Bool, null, value ? 1 : 0);
    public static implicit operator Value(long? value) => value is { } given ? given : None;
    public static implicit operator Value(double? value) => value is { } given ? given : None;
    public static implicit operator Value(bool? value) => value is { } given ? given : None;
    public static implicit operator Value(long[] value) => value is null ? None : new(ValueKind.IntList, value);
    public static implicit operator Value(ReadOnlySpan<long> value) => new(ValueKind.IntList, value.ToArray());
    public static implicit operator Value(double[] value) => value is null ? None : new(ValueKind.DoubleList, value);
    public static implicit operator Value(bool[] value) => value is null ? None : new(ValueKind.BoolList, value);
    public static implicit operator Value(torch.Tensor[] value) => value is null ? None : new(ValueKind.TensorList, value);
    public static implicit operator Value(List<torch.Tensor> value) => value?.ToArray();
    public static implicit operator Value(string value) => value is null ? None : new(ValueKind.String, value);
    public static implicit operator Value(torch.ScalarType value) => (long)value;
    public static implicit operator Value(torch.ScalarType? value) => value is { } given ? given : None;
    public static implicit operator Value(torch.Device value) => value is null ? None : new(ValueKind.Device, null, value.Bits);
    public static implicit operator Value(torch.Generator value) => value is null ? None : new(ValueKind.Generator, value);
    public static implicit operator Value(Scalar value) => value is null ? None : value.ToValue();

    internal static Value Complex(double real, double imaginary) => new(ValueKind.ComplexPair, new[] { real, imaginary });

    internal static Value Tensors(IEnumerable<torch.Tensor> value) => value as torch.Tensor[] ?? value.ToArray();
}
