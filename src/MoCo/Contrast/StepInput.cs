using MoCo.Distributed;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>What a method gets for a step: two views of each image of a batch, any number of small ones, and where the run
/// stands.</summary>
/// <param name="query">x_q: N×C×H×W float32 on the method's device.</param>
/// <param name="key">x_k: N×C×H×W float32, row n showing the same image as row n of <paramref name="query"/>.</param>
/// <param name="step">The step's number, from 0.</param>
public sealed class StepInput(Tensor query, Tensor key, long step)
{
    /// <summary>x_q: N×C×H×W.</summary>
    public Tensor Query { get; } = query ?? throw new ArgumentNullException(nameof(query));

    /// <summary>x_k: N×C×H×W.</summary>
    public Tensor Key { get; } = key ?? throw new ArgumentNullException(nameof(key));

    /// <summary>Small views as further queries (multi-crop), N×C×h×w each, row n showing the image of row n of <see cref="Query"/>. Only a
    /// method that says so is given any (<see cref="ContrastiveMethod.TakesSmallViews"/>).</summary>
    public IReadOnlyList<Tensor> SmallViews { get; init; } = [];

    /// <summary>The step's number, from 0.</summary>
    public long Step { get; } = step;

    /// <summary>The images' numbers in their source, N; empty where they have none.</summary>
    public ReadOnlyMemory<int> Indices { get; init; }

    /// <summary>The images' classes, N, negative where unknown; or empty. Only what is to measure a method, as the class oracle, looks at
    /// them.</summary>
    public ReadOnlyMemory<int> Labels { get; init; }

    /// <summary>The processes that share the batch, of which this input is one's part. Default:
    /// <see cref="ProcessGroup.Single"/>.</summary>
    public ProcessGroup Group { get; init; } = ProcessGroup.Single;

    /// <summary>The epoch under way, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>The share of the run that is done, 0–1.</summary>
    public double Progress { get; init; }

    /// <summary>Whether the trainer looks at its measures after this step, so that what is dear to measure is measured in it.</summary>
    internal bool IsMeasured { get; init; }

    /// <summary>Who measures the step's embeddings; null in most steps.</summary>
    internal Action<Tensor, Tensor>? Watch { get; init; }

    /// <summary>Who is told which images the query encoder will see, where they are not <see cref="Query"/> itself, and the labels of the
    /// first of them; null: nobody.</summary>
    internal Action<Tensor, ReadOnlyMemory<int>>? Announce { get; init; }

    /// <summary>The input of some samples alone, whose embeddings nobody measures.</summary>
    internal StepInput Rows(long[] rows)
    {
        StepInput some = new(ChannelsLast.SelectSamples(Query, rows), ChannelsLast.SelectSamples(Key, rows), Step)
        {
            SmallViews = [.. SmallViews.Select(view => ChannelsLast.SelectSamples(view, rows))],
            Indices = Of(Indices.Span),
            Labels = Of(Labels.Span),
            Group = Group,
            Epoch = Epoch,
            Progress = Progress,
        };
        Announce?.Invoke(some.Query, some.Labels);
        return some;

        int[] Of(ReadOnlySpan<int> numbers)
        {
            if (numbers.IsEmpty) return [];
            int[] chosen = new int[rows.Length];
            for (int i = 0; i < chosen.Length; i++) chosen[i] = numbers[(int)rows[i]];
            return chosen;
        }
    }

    /// <summary>To be called once by a method whose embeddings are to be measured for collapse: shows the embeddings that the step
    /// contrasts, which stay the caller's. In most steps nobody looks, and it costs nothing.</summary>
    /// <param name="queries">N×D, unit vectors.</param>
    /// <param name="keys">N×D, row n being the positive of query n.</param>
    /// <exception cref="ArgumentException">The shapes are others.</exception>
    public void Show(Tensor queries, Tensor keys)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(keys);
        if (queries.dim() != 2 || !queries.shape.AsSpan().SequenceEqual(keys.shape))
            throw new ArgumentException(
                $"queries are {string.Join("×", queries.shape)}, keys {string.Join("×", keys.shape)}; expected N×D of both.", nameof(keys));
        Watch?.Invoke(queries, keys);
    }
}
