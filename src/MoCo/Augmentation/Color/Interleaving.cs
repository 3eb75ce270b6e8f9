using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Color;

/// <summary>Red, green, blue, red, green, blue, … to three planes and back, sixteen or sixty-four pixels at a time.</summary>
/// <remarks>Byte b of three vectors belongs to channel b mod 3. As neither 16 nor 64 has a factor in common with 3, the bytes of a channel
/// stand in different lanes of the three vectors, one in each lane: they are merged first, then put in order by one shuffle. Both block
/// lengths leave 1 when divided by 3, so that the same scheme serves both.</remarks>
internal static class Interleaving
{
    private const int Short = 16;
    private const int Long = 64;

    private static readonly byte[] ShortSplit = SplitOrders(Short), ShortJoin = JoinOrders(Short), ShortThirds = Thirds(Short);
    private static readonly byte[] LongSplit = SplitOrders(Long), LongJoin = JoinOrders(Long), LongThirds = Thirds(Long);

    /// <summary>Three planes of interleaved pixels.</summary>
    internal static void Split(ReadOnlySpan<byte> pixels, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        ref byte source = ref MemoryMarshal.GetReference(pixels);
        ref byte reds = ref MemoryMarshal.GetReference(red);
        ref byte greens = ref MemoryMarshal.GetReference(green);
        ref byte blues = ref MemoryMarshal.GetReference(blue);
        nuint i = 0;
        nuint count = (nuint)red.Length;
        if (Avx512Vbmi.IsSupported)
        {
            (Vector512<byte> r, Vector512<byte> g, Vector512<byte> b) = LongVectors(LongSplit);
            (Vector512<byte> first, Vector512<byte> second, Vector512<byte> third) = LongVectors(LongThirds);
            for (; i + Long <= count; i += Long)
            {
                Vector512<byte> x = Vector512.LoadUnsafe(ref source, 3 * i);
                Vector512<byte> y = Vector512.LoadUnsafe(ref source, (3 * i) + Long);
                Vector512<byte> z = Vector512.LoadUnsafe(ref source, (3 * i) + (2 * Long));
                Avx512Vbmi.PermuteVar64x8((x & first) | (z & second) | (y & third), r).StoreUnsafe(ref reds, i);
                Avx512Vbmi.PermuteVar64x8((y & first) | (x & second) | (z & third), g).StoreUnsafe(ref greens, i);
                Avx512Vbmi.PermuteVar64x8((z & first) | (y & second) | (x & third), b).StoreUnsafe(ref blues, i);
            }
        }
        if (Vector128.IsHardwareAccelerated)
        {
            (Vector128<byte> r, Vector128<byte> g, Vector128<byte> b) = ShortVectors(ShortSplit);
            (Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) = ShortVectors(ShortThirds);
            for (; i + Short <= count; i += Short)
            {
                Vector128<byte> x = Vector128.LoadUnsafe(ref source, 3 * i);
                Vector128<byte> y = Vector128.LoadUnsafe(ref source, (3 * i) + Short);
                Vector128<byte> z = Vector128.LoadUnsafe(ref source, (3 * i) + (2 * Short));
                Vector128.ShuffleNative((x & first) | (z & second) | (y & third), r).StoreUnsafe(ref reds, i);
                Vector128.ShuffleNative((y & first) | (x & second) | (z & third), g).StoreUnsafe(ref greens, i);
                Vector128.ShuffleNative((z & first) | (y & second) | (x & third), b).StoreUnsafe(ref blues, i);
            }
        }
        for (int rest = (int)i; rest < red.Length; rest++)
            (red[rest], green[rest], blue[rest]) = (pixels[3 * rest], pixels[(3 * rest) + 1], pixels[(3 * rest) + 2]);
    }

    /// <summary>Interleaved pixels of three planes.</summary>
    internal static void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels)
    {
        ref byte target = ref MemoryMarshal.GetReference(pixels);
        ref byte reds = ref MemoryMarshal.GetReference(red);
        ref byte greens = ref MemoryMarshal.GetReference(green);
        ref byte blues = ref MemoryMarshal.GetReference(blue);
        nuint i = 0;
        nuint count = (nuint)red.Length;
        if (Avx512Vbmi.IsSupported)
        {
            (Vector512<byte> r, Vector512<byte> g, Vector512<byte> b) = LongVectors(LongJoin);
            (Vector512<byte> first, Vector512<byte> second, Vector512<byte> third) = LongVectors(LongThirds);
            for (; i + Long <= count; i += Long)
            {
                Vector512<byte> x = Avx512Vbmi.PermuteVar64x8(Vector512.LoadUnsafe(ref reds, i), r);
                Vector512<byte> y = Avx512Vbmi.PermuteVar64x8(Vector512.LoadUnsafe(ref greens, i), g);
                Vector512<byte> z = Avx512Vbmi.PermuteVar64x8(Vector512.LoadUnsafe(ref blues, i), b);
                ((x & first) | (y & second) | (z & third)).StoreUnsafe(ref target, 3 * i);
                ((y & first) | (z & second) | (x & third)).StoreUnsafe(ref target, (3 * i) + Long);
                ((z & first) | (x & second) | (y & third)).StoreUnsafe(ref target, (3 * i) + (2 * Long));
            }
        }
        if (Vector128.IsHardwareAccelerated)
        {
            (Vector128<byte> r, Vector128<byte> g, Vector128<byte> b) = ShortVectors(ShortJoin);
            (Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) = ShortVectors(ShortThirds);
            for (; i + Short <= count; i += Short)
            {
                Vector128<byte> x = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref reds, i), r);
                Vector128<byte> y = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref greens, i), g);
                Vector128<byte> z = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref blues, i), b);
                ((x & first) | (y & second) | (z & third)).StoreUnsafe(ref target, 3 * i);
                ((y & first) | (z & second) | (x & third)).StoreUnsafe(ref target, (3 * i) + Short);
                ((z & first) | (x & second) | (y & third)).StoreUnsafe(ref target, (3 * i) + (2 * Short));
            }
        }
        for (int rest = (int)i; rest < red.Length; rest++)
            (pixels[3 * rest], pixels[(3 * rest) + 1], pixels[(3 * rest) + 2]) = (red[rest], green[rest], blue[rest]);
    }

    /// <summary>For each channel, in which lane the merged vector has each of its pixels.</summary>
    private static byte[] SplitOrders(int block)
    {
        byte[] orders = new byte[3 * block];
        for (int i = 0; i < orders.Length; i++) orders[i] = (byte)(((3 * (i % block)) + (i / block)) % block);
        return orders;
    }

    /// <summary>The inverse: for each channel, which pixel goes to each lane.</summary>
    private static byte[] JoinOrders(int block)
    {
        byte[] split = SplitOrders(block);
        byte[] orders = new byte[split.Length];
        for (int i = 0; i < orders.Length; i++) orders[(i / block * block) + split[i]] = (byte)(i % block);
        return orders;
    }

    /// <summary>Masks of lanes 0, 3, 6, …, of 1, 4, 7, … and of 2, 5, 8, ….</summary>
    private static byte[] Thirds(int block)
    {
        byte[] masks = new byte[3 * block];
        for (int i = 0; i < masks.Length; i++) masks[i] = i % block % 3 == i / block ? byte.MaxValue : (byte)0;
        return masks;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> First, Vector128<byte> Second, Vector128<byte> Third) ShortVectors(byte[] table) =>
        (Vector128.Create(table, 0), Vector128.Create(table, Short), Vector128.Create(table, 2 * Short));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<byte> First, Vector512<byte> Second, Vector512<byte> Third) LongVectors(byte[] table) =>
        (Vector512.Create(table, 0), Vector512.Create(table, Long), Vector512.Create(table, 2 * Long));
}
