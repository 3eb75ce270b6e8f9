using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoCo.Evaluation;

/// <summary>The k nearest of a stream of similarities; equal ones by the lower number.</summary>
/// <remarks>Candidates above the k-th best so far are collected until twice k are there, then cut back to k. Nearly all of a
/// long stream fails one vector comparison, which makes this far cheaper than sorting or a heap.</remarks>
internal sealed class NeighbourList(int k)
{
    private readonly ulong[] candidates = new ulong[2 * k];
    private int count;
    private float threshold = float.NegativeInfinity;

    internal void Clear() => (count, threshold) = (0, float.NegativeInfinity);

    /// <summary>Sees the similarities of entries <paramref name="first"/>, first + 1, … Must be called in ascending order.</summary>
    internal void Add(ReadOnlySpan<float> similarities, int first)
    {
        var i = 0;
        for (; similarities.Length - i >= Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<float>(similarities[i..]), new Vector<float>(threshold)))
                AddEach(similarities.Slice(i, Vector<float>.Count), first + i);
        }

        AddEach(similarities[i..], first + i);
    }

    /// <summary>The nearest entries, nearest first.</summary>
    /// <param name="entries">Receives their numbers.</param>
    /// <param name="similarities">Receives their similarities.</param>
    /// <returns>How many: k, or fewer where fewer were seen.</returns>
    internal int Take(Span<int> entries, Span<float> similarities)
    {
        // Ascending: packing complements, the nearest come first.
        candidates.AsSpan(0, count).Sort();
        count = Math.Min(count, k);
        for (var i = 0; i < count; i++)
            (entries[i], similarities[i]) = (Entry(candidates[i]), Similarity(candidates[i]));
        return count;
    }

    private void AddEach(ReadOnlySpan<float> similarities, int first)
    {
        for (var i = 0; i < similarities.Length; i++)
        {
            if (!(similarities[i] > threshold))
                continue;
            candidates[count++] = Pack(similarities[i], first + i);
            if (count == candidates.Length)
                Cut();
        }
    }

    /// <summary>Keeps the k nearest in any order: where the k-th stands is found without sorting the others (Hoare's selection).</summary>
    private void Cut()
    {
        int first = 0, last = count - 1;
        while (first < last)
        {
            var pivot = candidates[(first + last) / 2];
            int low = first, high = last;
            while (low <= high)
            {
                while (candidates[low] < pivot)
                    low++;
                while (candidates[high] > pivot)
                    high--;
                if (low <= high)
                {
                    (candidates[low], candidates[high]) = (candidates[high], candidates[low]);
                    (low, high) = (low + 1, high - 1);
                }
            }

            if (k - 1 > high && k - 1 < low)
                break;
            (first, last) = k - 1 <= high ? (first, high) : (low, last);
        }

        count = k;
        threshold = Similarity(candidates[k - 1]);
    }

    /// <summary>One number whose ascending order is: higher similarity first, then lower entry.</summary>
    private static ulong Pack(float similarity, int entry)
    {
        var bits = BitConverter.SingleToUInt32Bits(similarity + 0f); // −0 becomes 0: they are equal
        var ascending = bits ^ ((bits & 0x8000_0000) != 0 ? 0xFFFF_FFFF : 0x8000_0000);
        return ((ulong)~ascending << 32) | (uint)entry;
    }

    private static int Entry(ulong candidate) => (int)(uint)candidate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Similarity(ulong candidate)
    {
        var ascending = ~(uint)(candidate >> 32);
        return BitConverter.UInt32BitsToSingle(ascending ^ ((ascending & 0x8000_0000) != 0 ? 0x8000_0000 : 0xFFFF_FFFF));
    }
}
