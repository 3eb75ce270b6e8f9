using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Interop;

namespace Evaluate.Weights;

/// <summary>Both encoders and the queue out of a file, with what is known of the run.</summary>
/// <param name="Parts">What the file has; the rest is random, or a copy of the query encoder.</param>
/// <param name="Run">The run where it stood; null for files of others.</param>
internal sealed record ContrastModel(MomentumContrast Method, WeightParts Parts, MoCoTrainer? Run = null) : IDisposable
{
    /// <summary>Opens any file of weights.</summary>
    /// <param name="stem">The first layers, where the file leaves them open.</param>
    /// <param name="queueLength">The keys of a random queue, for files without one.</param>
    /// <exception cref="InvalidDataException">The file is damaged or of no network that the library builds.</exception>
    public static ContrastModel Open(string path, Stem? stem, int queueLength)
    {
        using WeightFile file = WeightFile.Open(path);
        if (file.Layout == WeightLayout.Checkpoint) return Resume(path, file.Parts);
        Encoder query = EncoderFiles.Open(path, stem);
        int dimension = query.Options!.EmbeddingDimension;
        IReadOnlyList<long>? queue
            = file.Tensors.FirstOrDefault(entry => entry.Key.EndsWith("queue", StringComparison.Ordinal)).Value?.Shape;
        // Dim×K, K×dim, or one of either for each view.
        if (file.Parts.HasFlag(WeightParts.Queue) && queue is [.., long rows, long columns])
            queueLength = (int)(columns == dimension && rows != dimension ? rows : columns);
        MomentumContrast method = new(query, Encoder.Create(query.Options), new KeyQueue(dimension, queueLength));
        try
        {
            method.LoadWeights(path, file.Parts);
            return new ContrastModel(method, file.Parts);
        }
        catch
        {
            method.Dispose();
            throw;
        }
    }

    public void Dispose() => (Run as IDisposable ?? Method).Dispose();

    private static ContrastModel Resume(string path, WeightParts parts)
    {
        MoCoTrainer trainer = MoCoTrainer.Resume(path);
        if (trainer.Method is MomentumContrast method) return new ContrastModel(method, parts, trainer);
        trainer.Dispose();
        string other = trainer.Method.GetType().Name;
        throw new InvalidDataException($"{path} was trained by {other}; expected momentum contrast, which has a queue.");
    }
}
