using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Contrast;

/// <summary>Writing past the end of a buffer and on at its start.</summary>
internal static class Ring
{
    /// <summary>Copies N rows into a buffer of K ≥ N rows from row <paramref name="position"/> on, wrapping around its end.</summary>
    public static void Write(Tensor buffer, int position, Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = rows.shape[0], first = Math.Min(count, buffer.shape[0] - position);
        buffer.narrow(0, position, first).copy_(rows.narrow(0, 0, first));
        if (first < count) buffer.narrow(0, 0, count - first).copy_(rows.narrow(0, first, count - first));
    }
}
