using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MoCo.Contrast.Losses;

/// <summary>The matrix product of <see cref="NegativePass"/>, both times that it needs one: rows of numbers that are taken one by one,
/// times rows of 64 or 16 numbers that lie together.</summary>
/// <remarks>to[r][·] += Σₜ of[r·rowStride + t·stepStride]·x[t][·]. Four rows of 64 are sixteen vectors that stay in registers; neither
/// side is copied first, as a product of any shape would have it.</remarks>
internal static unsafe class RowProducts
{
    /// <summary>Numbers of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Numbers of a whole row of x.</summary>
    public const int Wide = 4 * Lanes;

    private const int Rows = 4;

    /// <summary>Adds the product.</summary>
    /// <param name="of">What is taken number by number.</param>
    /// <param name="rowStride">From one row of it to the next.</param>
    /// <param name="stepStride">From one number of a row to the next.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="steps">Its numbers in a row, and rows of x.</param>
    /// <param name="x">steps × width.</param>
    /// <param name="to">rows × width.</param>
    /// <param name="width"><see cref="Wide"/> or <see cref="Lanes"/>.</param>
    public static void Add(float* of, int rowStride, int stepStride, int rows, int steps, float* x, float* to, int width)
    {
        int row = 0;
        for (; row <= rows - Rows; row += Rows, of += Rows * rowStride, to += Rows * width)
        {
            if (width == Wide) AddFourWide(of, rowStride, stepStride, steps, x, to);
            else AddFour(of, rowStride, stepStride, steps, x, to);
        }
        for (; row < rows; row++, of += rowStride, to += width)
            for (int lane = 0; lane < width; lane += Lanes) AddOne(of, stepStride, steps, x + lane, to + lane, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourWide(float* of, nint rowStride, nint stepStride, int steps, float* x, float* to)
    {
        Vector512<float> a0 = Vector512.Load(to), a1 = Vector512.Load(to + Lanes);
        Vector512<float> a2 = Vector512.Load(to + 2 * Lanes), a3 = Vector512.Load(to + 3 * Lanes);
        Vector512<float> b0 = Vector512.Load(to + Wide), b1 = Vector512.Load(to + Wide + Lanes);
        Vector512<float> b2 = Vector512.Load(to + Wide + 2 * Lanes), b3 = Vector512.Load(to + Wide + 3 * Lanes);
        Vector512<float> c0 = Vector512.Load(to + 2 * Wide), c1 = Vector512.Load(to + 2 * Wide + Lanes);
        Vector512<float> c2 = Vector512.Load(to + 2 * Wide + 2 * Lanes), c3 = Vector512.Load(to + 2 * Wide + 3 * Lanes);
        Vector512<float> d0 = Vector512.Load(to + 3 * Wide), d1 = Vector512.Load(to + 3 * Wide + Lanes);
        Vector512<float> d2 = Vector512.Load(to + 3 * Wide + 2 * Lanes), d3 = Vector512.Load(to + 3 * Wide + 3 * Lanes);
        float* a = of, b = a + rowStride, c = b + rowStride, d = c + rowStride;
        for (float* end = x + (nint)steps * Wide; x < end; x += Wide, a += stepStride, b += stepStride, c += stepStride, d += stepStride)
        {
            Vector512<float> x0 = Vector512.Load(x), x1 = Vector512.Load(x + Lanes);
            Vector512<float> x2 = Vector512.Load(x + 2 * Lanes), x3 = Vector512.Load(x + 3 * Lanes);
            Vector512<float> factor = Vector512.Create(*a);
            a0 = Vector512.FusedMultiplyAdd(factor, x0, a0);
            a1 = Vector512.FusedMultiplyAdd(factor, x1, a1);
            a2 = Vector512.FusedMultiplyAdd(factor, x2, a2);
            a3 = Vector512.FusedMultiplyAdd(factor, x3, a3);
            factor = Vector512.Create(*b);
            b0 = Vector512.FusedMultiplyAdd(factor, x0, b0);
            b1 = Vector512.FusedMultiplyAdd(factor, x1, b1);
            b2 = Vector512.FusedMultiplyAdd(factor, x2, b2);
            b3 = Vector512.FusedMultiplyAdd(factor, x3, b3);
            factor = Vector512.Create(*c);
            c0 = Vector512.FusedMultiplyAdd(factor, x0, c0);
            c1 = Vector512.FusedMultiplyAdd(factor, x1, c1);
            c2 = Vector512.FusedMultiplyAdd(factor, x2, c2);
            c3 = Vector512.FusedMultiplyAdd(factor, x3, c3);
            factor = Vector512.Create(*d);
            d0 = Vector512.FusedMultiplyAdd(factor, x0, d0);
            d1 = Vector512.FusedMultiplyAdd(factor, x1, d1);
            d2 = Vector512.FusedMultiplyAdd(factor, x2, d2);
            d3 = Vector512.FusedMultiplyAdd(factor, x3, d3);
        }
        Store(to, a0, a1, a2, a3);
        Store(to + Wide, b0, b1, b2, b3);
        Store(to + 2 * Wide, c0, c1, c2, c3);
        Store(to + 3 * Wide, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* of, nint rowStride, nint stepStride, int steps, float* x, float* to)
    {
        Vector512<float> a0 = Vector512.Load(to), a1 = Vector512.Load(to + Lanes);
        Vector512<float> a2 = Vector512.Load(to + 2 * Lanes), a3 = Vector512.Load(to + 3 * Lanes);
        for (float* end = x + (nint)steps * Lanes; x < end; x += Lanes, of += stepStride)
        {
            Vector512<float> value = Vector512.Load(x);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(of[0]), value, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(of[rowStride]), value, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(of[2 * rowStride]), value, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(of[3 * rowStride]), value, a3);
        }
        Store(to, a0, a1, a2, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(float* of, nint stepStride, int steps, float* x, float* to, int width)
    {
        Vector512<float> sum = Vector512.Load(to);
        for (int step = 0; step < steps; step++, x += width, of += stepStride)
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(*of), Vector512.Load(x), sum);
        sum.Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        first.Store(to);
        second.Store(to + Lanes);
        third.Store(to + 2 * Lanes);
        fourth.Store(to + 3 * Lanes);
    }
}
