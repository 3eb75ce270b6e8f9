using MoCo.Loading.Pipeline;

namespace MoCo.Loading;

/// <summary>One view of each image of a batch. Owns its tensor, whatever dispose scope it was made in.</summary>
public sealed class SingleViewBatch : IDisposable
{
    private readonly ViewLease? lease;

    internal SingleViewBatch(DeliveredViews views, int epoch)
        => (Views, Indices, Labels, Epoch, Number, lease) = (views.Views[0], views.Indices, views.Labels, epoch, views.Number, views.Lease);

    /// <summary>The views, N×C×H×W, channels-last, float32 or bfloat16 (<see cref="LoaderOptions.BFloat16"/>). Clone what shall outlive the
    /// batch: the memory is used again.</summary>
    public Tensor Views { get; }

    /// <summary>The number in its source of the image behind each row; images that could not be read are missing.</summary>
    public ReadOnlyMemory<int> Indices { get; }

    /// <summary>The label of each row; −1 where it has none.</summary>
    public ReadOnlyMemory<int> Labels { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The batch's number in the epoch, from 0.</summary>
    public int Number { get; }

    /// <summary>Images in the batch (N).</summary>
    public int Size => Indices.Length;

    /// <summary>Frees the tensor.</summary>
    public void Dispose()
    {
        Views.Dispose();
        lease?.Dispose();
    }
}
