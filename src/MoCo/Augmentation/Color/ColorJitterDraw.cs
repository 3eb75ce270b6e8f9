using System.Runtime.CompilerServices;
using MoCo.Data;

namespace MoCo.Augmentation.Color;

/// <summary>What a color jitter drew for one view: up to four operations, in the order in which they are done.</summary>
internal struct ColorJitterDraw
{
    private Operations operations;

    internal int Count { get; private set; }

    internal readonly ColorOperation this[int index] => operations[index];

    internal void Add(ColorOperationKind kind, double amount) => operations[Count++] = new(kind, amount);

    /// <summary>Adds a factor evenly in [max(0, 1−strength), 1+strength].</summary>
    internal void AddFactor(ColorOperationKind kind, double strength, ref SampleRandom random) =>
        Add(kind, random.NextDouble(Math.Max(0, 1 - strength), 1 + strength));

    /// <summary>Every order equally likely.</summary>
    internal void Shuffle(ref SampleRandom random) => random.Shuffle(operations[..Count]);

    internal void Reverse() => operations[..Count].Reverse();

    internal readonly void AddTo(ColorProgram program)
    {
        for (int i = 0; i < Count; i++) program.Add(operations[i]);
    }

    /// <summary>For reading: <c>contrast ×1.12, hue +0.031, …</c>, hue in turns.</summary>
    public override readonly string ToString() => string.Join(", ", operations[..Count].ToArray().Select(operation => operation.Kind switch
    {
        ColorOperationKind.Hue => Invariant($"hue {operation.Amount:+0.000;-0.000}"),
        ColorOperationKind kind => Invariant($"{kind.ToString().ToLowerInvariant()} ×{operation.Amount:0.00}"),
    }));

    [InlineArray(4)]
    private struct Operations
    {
        private ColorOperation first;
    }
}
