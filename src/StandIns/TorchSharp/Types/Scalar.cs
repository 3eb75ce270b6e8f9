using System;
using System.Numerics;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number for an operator. The real one owns native memory; this one is a managed value.</summary>
public sealed class Scalar : IDisposable
{
    private readonly double real;
    private readonly double imaginary;
    private readonly long integer;

    internal Scalar(ScalarType type, double real, long integer, double imaginary = 0)
    {
        Type = type;
        this.real = real;
        this.integer = integer;
        this.imaginary = imaginary;
    }

    public ScalarType Type { get; }

    internal bool IsComplex => Type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    internal bool IsIntegral => Type is ScalarType.Int64 or ScalarType.Bool;

    internal double Real => IsIntegral ? integer : real;

    internal double Imaginary => imaginary;

    internal long Integer => IsIntegral ? integer : checked((long)real);

    public void Dispose()
    {
    }

    internal Value ToValue() => Type switch
    {
        ScalarType.Bool => integer != 0,
        ScalarType.Int64 => integer,
        ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64 => Value.Complex(real, imaginary),
        _ => real,
    };

    public static implicit operator Scalar(byte value) => FromInteger(value);
    public static implicit operator Scalar(sbyte value) => FromInteger(value);
    public static implicit operator Scalar(short value) => FromInteger(value);
    public static implicit operator Scalar(int value) => FromInteger(value);
    public static implicit operator Scalar(long value) => FromInteger(value);
    public static implicit operator Scalar(Half value) => FromReal((double)value);
    public static implicit operator Scalar(float value) => FromReal(value);
    public static implicit operator Scalar(double value) => FromReal(value);
    public static implicit operator Scalar(bool value) => new(ScalarType.Bool, 0, value ? 1 : 0);
    public static implicit operator Scalar((float, float) value) => new(ScalarType.ComplexFloat64, value.Item1, 0, value.Item2);
    public static implicit operator Scalar(Complex value) => new(ScalarType.ComplexFloat64, value.Real, 0, value.Imaginary);

    // libtorch widens every integer to 64 bits and every real to double
    private static Scalar FromInteger(long value) => new(ScalarType.Int64, 0, value);

    private static Scalar FromReal(double value) => new(ScalarType.Float64, value, 0);
}
