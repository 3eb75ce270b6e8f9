using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Measuring;

/// <summary>What a step does beside the passes through the encoders, each alone.</summary>
internal sealed class SmallParts : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Encoder query;
    private readonly Encoder key;
    private readonly FlatParameters flatQuery;
    private readonly FlatParameters flatKey;
    private readonly MomentumUpdate momentumUpdate;
    private readonly FlatSgd sgd;
    private readonly KeyQueue queue;
    private readonly InfoNce infoNce;
    private readonly Tensor q;
    private readonly Tensor k;

    public SmallParts(Job job)
    {
        Device device = torch.device(job.Device);
        MoCoOptions options = TrainingParts.OptionsOf(job);
        query = Make();
        key = Make();
        (flatQuery, flatKey) = (new FlatParameters(query, withGradients: true), new FlatParameters(key));
        momentumUpdate = new MomentumUpdate(flatQuery, flatKey, options.KeyEncoder.Momentum);
        sgd = new FlatSgd(flatQuery, options.Optimizer);
        queue = new KeyQueue(Job.Dimension, Job.QueueLength, device: device);
        infoNce = new InfoNce(options.Loss.Temperature);
        q = UnitVectors().requires_grad_();
        k = UnitVectors();

        Encoder Make() => Encoder.Create(options.Encoder with { EmbeddingDimension = Job.Dimension }).to(device);
        Tensor UnitVectors() => nn.functional.normalize(randn(job.Batch, Job.Dimension, device: device), dim: 1);
    }

    /// <summary>The function behind a part's name.</summary>
    public Action Of(string part) => part switch
    {
        Part.InfoNce => InfoNceForwardBackward,
        Part.MomentumUpdate => momentumUpdate.Update,
        Part.Sgd => () => sgd.Step(0.03),
        Part.Enqueue => () => queue.Enqueue(k),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "expected a part without passes through an encoder."),
    };

    public void Dispose()
    {
        sgd.Dispose();
        momentumUpdate.Dispose();
        flatQuery.Dispose();
        flatKey.Dispose();
        query.Dispose();
        key.Dispose();
        queue.Dispose();
        scope.Dispose();
    }

    private void InfoNceForwardBackward()
    {
        using DisposeScope inner = NewDisposeScope();
        q.grad = null;
        using Tensor keys = queue.Keys();
        using ContrastiveLoss loss = infoNce.Compute(q, k, keys);
        loss.Loss.backward();
    }
}
