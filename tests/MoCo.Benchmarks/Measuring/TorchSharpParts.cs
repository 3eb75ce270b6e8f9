using MoCo.Benchmarks.Peer;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Measuring;

/// <summary>The parts of a step in plain TorchSharp, each with everything it needs already made.</summary>
internal sealed class TorchSharpParts : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TorchSharpMoCo moco;
    private readonly Tensor images;
    private readonly Tensor others;
    private readonly Tensor q;
    private readonly Tensor k;
    private readonly Tensor upstream;

    public TorchSharpParts(Job job)
    {
        Device device = torch.device(job.Device);
        moco = new TorchSharpMoCo(job);
        (images, others) = (Images(), Images());
        (q, k) = (UnitVectors().requires_grad_(), UnitVectors());
        using Scalar size = job.Batch.ToScalar();
        upstream = randn(job.Batch, Job.Dimension, device: device).div(size);
        if (!job.Parts.Contains(Part.Sgd)) return;
        foreach (Parameter parameter in moco.QueryEncoder.parameters()) parameter.grad = zeros_like(parameter);

        Tensor Images() => randn(job.Batch, 3, job.Size, job.Size, device: device);
        Tensor UnitVectors() => nn.functional.normalize(randn(job.Batch, Job.Dimension, device: device), dim: 1);
    }

    /// <summary>The function behind a part's name.</summary>
    public Action Of(string part) => part switch
    {
        Part.Step => () => moco.Step(images, others),
        Part.ForwardBackward => ForwardBackward,
        Part.InfoNce => InfoNce,
        Part.MomentumUpdate => moco.MomentumUpdate,
        Part.Sgd => moco.Descend,
        Part.Enqueue => () => moco.Enqueue(k),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "expected a part that is not ours alone."),
    };

    public void Dispose()
    {
        moco.Dispose();
        scope.Dispose();
    }

    private void ForwardBackward()
    {
        using DisposeScope inner = NewDisposeScope();
        moco.ZeroGradients();
        Tensor embeddings = moco.QueryEncoder.call(images);
        using (no_grad()) moco.KeyEncoder.call(others).Dispose();
        autograd.backward(embeddings, upstream);
    }

    private void InfoNce()
    {
        using DisposeScope inner = NewDisposeScope();
        q.grad = null;
        moco.Loss(q, k).backward();
    }
}
