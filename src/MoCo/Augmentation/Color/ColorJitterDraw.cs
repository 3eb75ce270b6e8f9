using System.Globalization;
using System.Runtime.CompilerServices;
using MoCo.Data;

namespace MoCo.Augmentation.Color;

/// <summary>What a color jitter drew for one view: up to four operations, in the order in which they are done.</summary>
internal struct ColorJitterDraw
{
    private Operations operations;

    internal int Count { get; private set; }

    internal readonly ColorOperation this[int index] => operations[index];

    internal void Add(ColorOperationKind kind, double amount) => operations[Count++] = new ColorOperation(kind, amount);

    /// <summary>Every order equally likely.</summary>
    internal void Shuffle(ref SampleRandom random)
    {
        for (int left = Count; left > 1; left--)
        {
            int chosen = random.NextInt32(left);
            (operations[left - 1], operations[chosen]) = (operations[chosen], operations[left - 1]);
        }
    }

    internal readonly void AddTo(ColorProgram program)
    {
        for (int i = 0; i < Count; i++)
            program.Add(operations[i]);
    }

    /// <summary>For reading: <c>contrast ×1.12, hue +0.031, …</c>, hue in turns.</summary>
    public override readonly string ToString()
    {
        string[] words = new string[Count];
        for (int i = 0; i < Count; i++)
        {
            (ColorOperationKind kind, double amount) = operations[i];
            words[i] = kind == ColorOperationKind.Hue
                ? string.Create(CultureInfo.InvariantCulture, $"hue {amount:+0.000;-0.000}")
                : string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant()} ×{amount:0.00}");
        }

        return string.Join(", ", words);
    }

    [InlineArray(4)]
    private struct Operations
    {
        private ColorOperation first;
    }
}
