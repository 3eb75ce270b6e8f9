using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace MoCo.Augmentation.Color;

/// <summary>Some pixels' values of one channel side by side, as floats: what a color formula is written in once, for every width that a
/// machine has and for one pixel at a time.</summary>
/// <remarks>All arithmetic is IEEE single precision, so that every width gives the same bytes. <see cref="MultiplyAdd"/> alone may round
/// once or twice: it stands only where both give the same byte.</remarks>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);
    static abstract TSelf operator -(TSelf left, TSelf right);
    static abstract TSelf operator *(TSelf left, TSelf right);
    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf Of(float value);
    static abstract TSelf Load(ref byte first, int index);

    /// <summary>Writes bytes, fractions cut off. The values must lie in 0 … 255.</summary>
    static abstract void Store(TSelf values, ref byte first, int index);

    static abstract TSelf Min(TSelf left, TSelf right);
    static abstract TSelf Max(TSelf left, TSelf right);
    static abstract TSelf Abs(TSelf value);
    static abstract TSelf Truncate(TSelf value);

    /// <summary>left · right + addend.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>Lane by lane, <paramref name="yes"/> where <paramref name="left"/> is below <paramref name="right"/>, else
    /// <paramref name="no"/>.</summary>
    static abstract TSelf WhereLess(TSelf left, TSelf right, TSelf yes, TSelf no);

    static abstract float Sum(TSelf values);
}

/// <summary>One pixel at a time: for machines without vectors and for what is left at an image's end.</summary>
internal readonly struct Lanes1(float value) : ILanes<Lanes1>
{
    private readonly float value = value;

    public static int Count => 1;

    [MethodImpl(AggressiveInlining)] public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left.value + right.value);
    [MethodImpl(AggressiveInlining)] public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left.value - right.value);
    [MethodImpl(AggressiveInlining)] public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left.value * right.value);
    [MethodImpl(AggressiveInlining)] public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left.value / right.value);
    [MethodImpl(AggressiveInlining)] public static Lanes1 Of(float value) => new(value);
    [MethodImpl(AggressiveInlining)] public static Lanes1 Load(ref byte first, int index) => new(Unsafe.Add(ref first, index));

    [MethodImpl(AggressiveInlining)]
    public static void Store(Lanes1 values, ref byte first, int index) => Unsafe.Add(ref first, index) = (byte)(int)values.value;

    [MethodImpl(AggressiveInlining)]
    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(left.value < right.value ? left.value : right.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(left.value > right.value ? left.value : right.value);

    [MethodImpl(AggressiveInlining)] public static Lanes1 Abs(Lanes1 value) => new(MathF.Abs(value.value));
    [MethodImpl(AggressiveInlining)] public static Lanes1 Truncate(Lanes1 value) => new(MathF.Truncate(value.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes1 MultiplyAdd(Lanes1 left, Lanes1 right, Lanes1 addend) => new((left.value * right.value) + addend.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes1 WhereLess(Lanes1 left, Lanes1 right, Lanes1 yes, Lanes1 no) => left.value < right.value ? yes : no;

    [MethodImpl(AggressiveInlining)] public static float Sum(Lanes1 values) => values.value;
}

/// <summary>Four pixels at a time, on any machine with 128-bit vectors.</summary>
internal readonly struct Lanes4(Vector128<float> values) : ILanes<Lanes4>
{
    private readonly Vector128<float> values = values;

    internal static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Count => 4;

    [MethodImpl(AggressiveInlining)] public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.values + right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.values - right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left.values * right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left.values / right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes4 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes4 Load(ref byte first, int index) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref first, index))).AsByte())).AsInt32()));

    [MethodImpl(AggressiveInlining)]
    public static void Store(Lanes4 values, ref byte first, int index)
    {
        Vector128<short> words = Vector128.Narrow(Vector128.ConvertToInt32Native(values.values), Vector128<int>.Zero);
        Vector128<byte> bytes = Vector128.Narrow(words.AsUInt16(), Vector128<ushort>.Zero);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, index), bytes.AsUInt32().ToScalar());
    }

    [MethodImpl(AggressiveInlining)]
    public static Lanes4 Min(Lanes4 left, Lanes4 right) => new(Vector128.MinNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes4 Max(Lanes4 left, Lanes4 right) => new(Vector128.MaxNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)] public static Lanes4 Abs(Lanes4 value) => new(Vector128.Abs(value.values));
    [MethodImpl(AggressiveInlining)] public static Lanes4 Truncate(Lanes4 value) => new(Vector128.Truncate(value.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 left, Lanes4 right, Lanes4 addend) =>
        new(Vector128.MultiplyAddEstimate(left.values, right.values, addend.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes4 WhereLess(Lanes4 left, Lanes4 right, Lanes4 yes, Lanes4 no) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(left.values, right.values), yes.values, no.values));

    [MethodImpl(AggressiveInlining)] public static float Sum(Lanes4 values) => Vector128.Sum(values.values);
}

/// <summary>Eight pixels at a time, with AVX2.</summary>
internal readonly struct Lanes8(Vector256<float> values) : ILanes<Lanes8>
{
    private readonly Vector256<float> values = values;

    internal static bool IsSupported => Avx2.IsSupported;

    public static int Count => 8;

    [MethodImpl(AggressiveInlining)] public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.values + right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.values - right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left.values * right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left.values / right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes8 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes8 Load(ref byte first, int index) =>
        new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref first, index))).AsByte())));

    [MethodImpl(AggressiveInlining)]
    public static void Store(Lanes8 values, ref byte first, int index)
    {
        Vector256<int> whole = Vector256.ConvertToInt32Native(values.values);
        Vector128<short> words = Sse2.PackSignedSaturate(whole.GetLower(), whole.GetUpper());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, index), Sse2.PackUnsignedSaturate(words, words).AsUInt64().ToScalar());
    }

    [MethodImpl(AggressiveInlining)]
    public static Lanes8 Min(Lanes8 left, Lanes8 right) => new(Vector256.MinNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes8 Max(Lanes8 left, Lanes8 right) => new(Vector256.MaxNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)] public static Lanes8 Abs(Lanes8 value) => new(Vector256.Abs(value.values));
    [MethodImpl(AggressiveInlining)] public static Lanes8 Truncate(Lanes8 value) => new(Vector256.Truncate(value.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 left, Lanes8 right, Lanes8 addend) =>
        new(Vector256.MultiplyAddEstimate(left.values, right.values, addend.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes8 WhereLess(Lanes8 left, Lanes8 right, Lanes8 yes, Lanes8 no) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left.values, right.values), yes.values, no.values));

    [MethodImpl(AggressiveInlining)] public static float Sum(Lanes8 values) => Vector256.Sum(values.values);
}

/// <summary>Sixteen pixels at a time, with AVX-512.</summary>
internal readonly struct Lanes16(Vector512<float> values) : ILanes<Lanes16>
{
    private readonly Vector512<float> values = values;

    // Not Vector512.IsHardwareAccelerated: .NET denies it to Skylake and Cascade Lake, whose clock sinks, and there too these are faster.
    internal static bool IsSupported => Avx512F.IsSupported;

    public static int Count => 16;

    [MethodImpl(AggressiveInlining)] public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left.values + right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left.values - right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left.values * right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left.values / right.values);
    [MethodImpl(AggressiveInlining)] public static Lanes16 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes16 Load(ref byte first, int index) =>
        new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref first, (nuint)index))));

    [MethodImpl(AggressiveInlining)]
    public static void Store(Lanes16 values, ref byte first, int index) =>
        Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32Native(values.values)).StoreUnsafe(ref first, (nuint)index);

    [MethodImpl(AggressiveInlining)]
    public static Lanes16 Min(Lanes16 left, Lanes16 right) => new(Vector512.MinNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes16 Max(Lanes16 left, Lanes16 right) => new(Vector512.MaxNative(left.values, right.values));

    [MethodImpl(AggressiveInlining)] public static Lanes16 Abs(Lanes16 value) => new(Vector512.Abs(value.values));
    [MethodImpl(AggressiveInlining)] public static Lanes16 Truncate(Lanes16 value) => new(Vector512.Truncate(value.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 left, Lanes16 right, Lanes16 addend) =>
        new(Vector512.MultiplyAddEstimate(left.values, right.values, addend.values));

    [MethodImpl(AggressiveInlining)]
    public static Lanes16 WhereLess(Lanes16 left, Lanes16 right, Lanes16 yes, Lanes16 no) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left.values, right.values), yes.values, no.values));

    [MethodImpl(AggressiveInlining)] public static float Sum(Lanes16 values) => Vector512.Sum(values.values);
}
