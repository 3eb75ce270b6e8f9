using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>One pixel at a time: for machines without vectors and for what is left at an image's end.</summary>
internal readonly struct Lanes1(float value) : ILanes<Lanes1>
{
    private readonly float value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left.value * right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(ref byte first, int index) => new(Unsafe.Add(ref first, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes1 values, ref byte first, int index) => Unsafe.Add(ref first, index) = (byte)(int)values.value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(left.value < right.value ? left.value : right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(left.value > right.value ? left.value : right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Abs(Lanes1 value) => new(MathF.Abs(value.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Truncate(Lanes1 value) => new(MathF.Truncate(value.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 MultiplyAdd(Lanes1 left, Lanes1 right, Lanes1 addend) => new((left.value * right.value) + addend.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 WhereLess(Lanes1 left, Lanes1 right, Lanes1 yes, Lanes1 no) => left.value < right.value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes1 values) => values.value;
}
