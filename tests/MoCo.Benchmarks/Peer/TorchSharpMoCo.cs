// What anybody would write; that a collection may free its scalars is met by a region without collections around it (README.md).
#pragma warning disable RS0030
using MoCo.Benchmarks.Measuring;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MoCo.Benchmarks.Peer;

/// <summary>MoCo in plain TorchSharp and TorchVision, written the way facebookresearch/moco writes it, for one device:
/// pytorch/moco.py line by line.</summary>
internal sealed class TorchSharpMoCo : IDisposable
{
    private const double Temperature = 0.07;
    private readonly SGD optimizer;
    private readonly Tensor queue;
    private long pointer;

    /// <summary>N×dim queries and keys, a dim×K queue.</summary>
    /// <param name="job">Architecture and device; torchvision's stem, float32.</param>
    public TorchSharpMoCo(Job job)
    {
        Device device = torch.device(job.Device);
        (QueryEncoder, KeyEncoder) = (Encoder(), Encoder());
        foreach ((Parameter q, Parameter k) in QueryEncoder.parameters().Zip(KeyEncoder.parameters()))
        {
            using (no_grad()) k.copy_(q);
            k.requires_grad = false;
        }
        using (NewDisposeScope()) queue = normalize(randn(Job.Dimension, Job.QueueLength, device: device), dim: 0).DetachFromDisposeScope();
        optimizer = optim.SGD(QueryEncoder.parameters(), 0.03, momentum: 0.9, weight_decay: 1e-4);

        ResNet Encoder() => job.Architecture == StepOptions.ResNet50
            ? torchvision.models.resnet50(num_classes: Job.Dimension, device: device)
            : torchvision.models.resnet18(num_classes: Job.Dimension, device: device);
    }

    public ResNet QueryEncoder { get; }

    public ResNet KeyEncoder { get; }

    /// <summary>dim×K.</summary>
    public Tensor Queue => queue;

    /// <summary>One step; N×3×H×W images.</summary>
    /// <returns>The loss.</returns>
    public float Step(Tensor images, Tensor others)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = normalize(QueryEncoder.call(images), dim: 1);
        MomentumUpdate();
        Tensor k = Keys(others);
        Tensor loss = Loss(q, k);
        Enqueue(k);
        ZeroGradients();
        loss.backward();
        Descend();
        return loss.item<float>();
    }

    public void ZeroGradients() => optimizer.zero_grad();

    public void Descend() => optimizer.step();

    public void MomentumUpdate()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((Parameter q, Parameter k) in QueryEncoder.parameters().Zip(KeyEncoder.parameters()))
            k.copy_(k * 0.999f + q * (1 - 0.999f));
    }

    public Tensor Loss(Tensor q, Tensor k)
    {
        Tensor positive = einsum("nc,nc->n", q, k).unsqueeze(-1);
        Tensor negative = einsum("nc,ck->nk", q, queue.clone().detach());
        Tensor logits = cat([positive, negative], 1).div_(Temperature);
        return cross_entropy(logits, zeros(logits.shape[0], dtype: ScalarType.Int64, device: logits.device));
    }

    public void Enqueue(Tensor k)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        queue.narrow(1, pointer, k.shape[0]).copy_(k.t());
        pointer = (pointer + k.shape[0]) % Job.QueueLength;
    }

    public void Dispose()
    {
        optimizer.Dispose();
        QueryEncoder.Dispose();
        KeyEncoder.Dispose();
        queue.Dispose();
    }

    private Tensor Keys(Tensor images)
    {
        using IDisposable _ = no_grad();
        Tensor order = randperm(images.shape[0], dtype: ScalarType.Int64, device: images.device);
        return normalize(KeyEncoder.call(images.index_select(0, order)), dim: 1).index_select(0, order.argsort());
    }
}
