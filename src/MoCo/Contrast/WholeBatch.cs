using MoCo.Distributed;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>For methods whose negatives are the batch: the embeddings of all ranks' images, of which every rank computes the whole
/// loss.</summary>
internal static class WholeBatch
{
    /// <summary>Embeddings of the whole batch.</summary>
    /// <param name="group">The processes that share it.</param>
    /// <param name="encoder">Embeds this rank's part. A head that keeps statistics (BatchNorm) takes the whole batch's features, on every
    /// rank, since its output depends on all of them.</param>
    /// <param name="x">This rank's part: N×C×H×W.</param>
    /// <returns>(ranks·N)×D in the samples' order.</returns>
    public static Tensor Embed(ProcessGroup group, Encoder encoder, Tensor x) => Project(group, encoder.Head, encoder.features(x));

    /// <summary>A head's output for the whole batch, of this rank's features, N×F.</summary>
    public static Tensor Project(ProcessGroup group, nn.Module<Tensor, Tensor> head, Tensor features)
    {
        if (group.Size == 1) return head.call(features);
        return head.buffers().Any() ? head.call(group.Whole(features)) : group.Whole(head.call(features));
    }
}
