using MoCo.Tensors;

namespace MoCo.Contrast.Negatives;

/// <summary>What is known of each key in a <see cref="KeyQueue"/>: the sample it came from, the step that made it and its label; −1 where
/// unknown. Buffers <c>index</c>, <c>step</c> and <c>label</c>, each K of int64 on the CPU.</summary>
internal sealed class QueueSlots : nn.Module
{
    private readonly Tensor index;
    private readonly Tensor step;
    private readonly Tensor label;

    internal QueueSlots(int length)
        : base(nameof(QueueSlots))
    {
        index = full(length, MinusOne, dtype: ScalarType.Int64).DetachFromDisposeScope();
        step = full(length, MinusOne, dtype: ScalarType.Int64).DetachFromDisposeScope();
        label = full(length, MinusOne, dtype: ScalarType.Int64).DetachFromDisposeScope();
        RegisterComponents();
    }

    public IReadOnlyList<long> Indices() => Values(index);

    public IReadOnlyList<long> Steps() => Values(step);

    public IReadOnlyList<long> Labels() => Values(label);

    internal void Write(int position, int count, long atStep, ReadOnlySpan<int> indices, ReadOnlySpan<int> labels)
    {
        if (!indices.IsEmpty && indices.Length != count)
            throw new ArgumentException($"{indices.Length} indices; expected {count}, one a key.", nameof(indices));
        if (!labels.IsEmpty && labels.Length != count)
            throw new ArgumentException($"{labels.Length} labels; expected {count}, one a key.", nameof(labels));
        using DisposeScope scope = NewDisposeScope();
        Ring.Write(index, position, Column(indices, count));
        using Scalar made = atStep.ToScalar();
        Ring.Write(step, position, full(count, made, dtype: ScalarType.Int64));
        Ring.Write(label, position, Column(labels, count));
    }

    /// <summary>The batch's and the slots' numbers or classes by which keys are told that are no negatives; null where all are.</summary>
    internal (Tensor Queries, Tensor Keys)? Numbers(KeyExclusion exclusion, StepInput input, Device device)
    {
        ReadOnlySpan<int> own = exclusion == KeyExclusion.OwnClass ? input.Labels.Span : input.Indices.Span;
        if (exclusion == KeyExclusion.None || own.IsEmpty) return null;
        using DisposeScope scope = NewDisposeScope();
        long[] numbers = new long[own.Length];
        // Nothing is the same as what is not known, which is -1 in the slots.
        for (int i = 0; i < numbers.Length; i++) numbers[i] = own[i] < 0 ? -2 : own[i];
        Tensor keys = (exclusion == KeyExclusion.OwnClass ? label : index).SendTo(device);
        return (tensor(numbers).SendTo(device).MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }

    private static Tensor Column(ReadOnlySpan<int> values, int count)
    {
        long[] column = new long[count];
        if (values.IsEmpty) Array.Fill(column, -1);
        else for (int i = 0; i < count; i++) column[i] = values[i];
        return tensor(column);
    }

    private static long[] Values(Tensor buffer)
    {
        using Tensor host = buffer.cpu();
        return host.data<long>().ToArray();
    }
}

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
