using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Measuring;

/// <summary>A whole training step, and beside it the bare passes through the same two encoders.</summary>
internal sealed class TrainingParts : IDisposable
{
    private readonly MoCoTrainer trainer;
    private readonly TwoCropBatch batch;
    private readonly Tensor upstream;
    private readonly EncoderPasses? passes;

    public TrainingParts(Job job)
    {
        Device device = torch.device(job.Device);
        trainer = new MoCoTrainer(OptionsOf(job), device);
        batch = RandomBatch(job.Batch, job.Size, device);
        passes = EncoderPasses.Of(trainer.QueryEncoder, job.GradientCheckpointing);
        using Tensor random = randn(job.Batch, Job.Dimension, device: device);
        // Tiny: the bare passes' gradients add up until the next step, hundreds of them on a GPU, and must not move it.
        using Scalar scale = (1e6 * job.Batch).ToScalar();
        upstream = random.div(scale);
    }

    /// <summary>Two views as the loader delivers them: random numbers in channels-last memory.</summary>
    public static TwoCropBatch RandomBatch(int images, int size, Device device)
    {
        return new TwoCropBatch(Views(), Views(), Enumerable.Range(0, images).ToArray(), 0, 0) { BatchesPerEpoch = 1000 };

        Tensor Views()
        {
            using Tensor memory = randn(images, size, size, 3, device: device);
            return memory.permute(0, 3, 1, 2);
        }
    }

    public static MoCoOptions OptionsOf(Job job) => MethodRows.Of(job.Method, MoCoOptions.V1 with
    {
        Encoder = MoCoOptions.V1.Encoder with
        {
            Backbone = job.Backbone,
            Stem = job.Stem,
            EmbeddingDimension = Job.Dimension,
            BatchNormSplits = job.MicroBatches,
        },
        Queue = MoCoOptions.V1.Queue with { Length = Job.QueueLength },
        BatchSize = job.Batch,
        MicroBatches = job.MicroBatches,
        GradientCheckpointing = job.GradientCheckpointing,
        Precision = job.BFloat16 ? Precision.BFloat16 : Precision.Float32,
    });

    public void Step() => trainer.Step(batch);

    /// <summary>f_k forward, f_q forward and backward, as in a step. Gradients add up in the flat tensor, which a step empties.</summary>
    public void ForwardBackward()
    {
        using DisposeScope scope = NewDisposeScope();
        using (no_grad()) ((MomentumContrast)trainer.Method).KeyEncoder.call(batch.Key).Dispose();
        passes?.Begin();
        Tensor embeddings = trainer.QueryEncoder.call(batch.Query);
        autograd.backward(embeddings, upstream);
        passes?.Backward();
        passes?.End();
    }

    public void Dispose()
    {
        upstream.Dispose();
        passes?.Dispose();
        batch.Dispose();
        trainer.Dispose();
    }
}
