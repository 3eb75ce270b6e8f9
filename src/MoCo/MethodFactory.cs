using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Tensors;

namespace MoCo;

/// <summary>Builds the method that a run's options describe.</summary>
internal static class MethodFactory
{
    /// <param name="options">The run, as all processes have it.</param>
    /// <param name="where">The device; null is the CPU.</param>
    /// <param name="processes">The processes that share a batch, each of which computes its own groups of BatchNorm, as each of a batch's
    /// parts does.</param>
    public static ContrastiveMethod Build(MoCoOptions options, Device? where, int processes = 1)
    {
        options.Validate(processes);
        TorchLibrary.Load();
        Device device = where ?? CPU;
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(unchecked((ulong)options.Seed), CPU);
        EncoderOptions encoder = options.Encoder.HasStemAndBatchNorm
            ? options.Encoder with { BatchNormSplits = options.Encoder.BatchNormSplits / (processes * options.MicroBatches) }
            : options.Encoder;
        LossOptions loss = options.Loss;
        Encoder query = Encoder.Create(encoder, options.Precision, options.Seed).to(device);
        switch (options.Method)
        {
            case MethodKind.EndToEnd:
                return new EndToEndContrast(query, Key(), options.BatchSize, loss);
            case MethodKind.SimClr:
                return new EndToEndContrast(query, null, options.BatchSize, loss);
            case MethodKind.MemoryBank:
                MemoryBank bank = new(options.MemoryBank.Samples, encoder.EmbeddingDimension, options.Seed, device);
                return new MemoryBankContrast(query, bank, options.MemoryBank, loss);
            case MethodKind.ContrastiveClustering:
                ProjectionHead clusters = new(HeadKind.Mlp, encoder.FeatureDimension, options.Clustering.Clusters, generator);
                return new ContrastiveClustering(query, clusters.to(device), options.Clustering.Clusters, options.BatchSize,
                    loss.Temperature, options.Clustering.Temperature);
            case MethodKind.MoCoV3:
                int width = encoder.EmbeddingDimension;
                BatchNormMlp predictor
                    = new(2, width, encoder.HiddenDimension, width, encoder.Backbone.Architecture!.PredictorEndsNormed, generator);
                return new MoCoV3(query, Key()!, predictor.to(device), options.BatchSize, options.KeyEncoder.Momentum, loss.Temperature,
                    options.KeyEncoder.FinalMomentum ?? 1);
            default:
                Encoder? key = Key();
                KeyQueue queue = new(encoder.EmbeddingDimension, options.Queue.Length, generator, device, options.Queue.NotesSlots);
                BatchShuffle? shuffle = options.KeyEncoder.ShuffleBatch ? new BatchShuffle(options.Seed) : null;
                return new MomentumContrast(
                    query, key, queue, options.KeyEncoder.Momentum, loss, shuffle, options.Queue.LeaveOut, options.Seed,
                    options.KeyEncoder.FinalMomentum);
        }

        // The key encoder starts as a copy where it follows; where it learns, it begins with weights of its own.
        Encoder? Key()
        {
            if (options.KeyEncoder.Sharing == KeyEncoderSharing.Shared) return null;
            long seed = options.Method == MethodKind.EndToEnd ? options.Seed + 1 : options.Seed;
            return Encoder.Create(encoder, options.Precision, seed, query, options.KeyEncoder.SharedStages).to(device);
        }
    }
}
