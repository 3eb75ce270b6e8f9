using MoCo.Contrast;
using MoCo.Interop;

namespace Evaluate;

/// <summary>Both encoders and the queue out of a file, with what is known of the run.</summary>
internal sealed class ContrastModel : IDisposable
{
    private readonly IDisposable owner;

    private ContrastModel(IDisposable owner, MomentumContrast method, WeightParts parts, MoCoTrainer? trainer)
    {
        (this.owner, Method, Parts) = (owner, method, parts);
        (Options, Steps, Epoch) = (trainer?.Options, trainer?.StepCount, trainer?.Epoch);
    }

    public MomentumContrast Method { get; }

    /// <summary>What the file has; the rest is random, or a copy of the query encoder.</summary>
    public WeightParts Parts { get; }

    /// <summary>The run's options; null for files of others.</summary>
    public MoCoOptions? Options { get; }

    /// <summary>Steps done; null where the file does not say.</summary>
    public long? Steps { get; }

    /// <summary>Epochs done; null where the file does not say.</summary>
    public int? Epoch { get; }

    /// <summary>Opens any file of weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stem">The first layers, where the file leaves them open.</param>
    /// <param name="queueLength">The keys of a random queue, for files without one.</param>
    /// <exception cref="InvalidDataException">The file is damaged or of no network that the library builds.</exception>
    public static ContrastModel Open(string path, Stem? stem, int queueLength)
    {
        WeightParts parts;
        IReadOnlyList<long>? queue;
        using (WeightFile file = WeightFile.Open(path))
        {
            parts = file.Parts;
            if (file.Layout == WeightLayout.Checkpoint) return Resume(path, parts);
            queue = file.Tensors.FirstOrDefault(entry => entry.Key.EndsWith("queue", StringComparison.Ordinal)).Value?.Shape;
        }
        Encoder query = EncoderFiles.Open(path, stem);
        ProjectionHead head = (ProjectionHead)query.Head;
        Encoder key = Encoder.Create(((ResNet)query.Backbone).Options);
        // Dim×K, K×dim, or one of either for each view.
        int length = parts.HasFlag(WeightParts.Queue) && queue is { Count: >= 2 }
            ? (int)(queue[^1] == head.EmbeddingDimension && queue[^2] != head.EmbeddingDimension ? queue[^2] : queue[^1])
            : queueLength;
        MomentumContrast method = new(query, key, new KeyQueue(head.EmbeddingDimension, length));
        try
        {
            method.LoadWeights(path, parts);
            return new ContrastModel(method, method, parts, null);
        }
        catch
        {
            method.Dispose();
            throw;
        }
    }

    public void Dispose() => owner.Dispose();

    private static ContrastModel Resume(string path, WeightParts parts)
    {
        MoCoTrainer trainer = MoCoTrainer.Resume(path);
        if (trainer.Method is MomentumContrast method) return new ContrastModel(trainer, method, parts, trainer);
        trainer.Dispose();
        string other = trainer.Method.GetType().Name;
        throw new InvalidDataException($"{path} was trained by {other}; expected momentum contrast, which has a queue.");
    }
}
