using MoCo.Encoders;
using TorchSharp.Modules;

namespace MoCo.Contrast;

/// <summary>How a key encoder begins.</summary>
internal static class KeyStart
{
    /// <summary>Makes f_k an exact copy of f_q, BatchNorm's statistics included, that needs no gradient; what is f_q's own stays
    /// so.</summary>
    /// <returns>Whether the two share parameters.</returns>
    public static bool Copy(Encoder query, Encoder key)
    {
        bool shares = false;
        using IDisposable constant = no_grad();
        foreach ((Parameter q, Parameter k) in query.parameters().Zip(key.parameters()))
        {
            if (ReferenceEquals(q, k))
            {
                shares = true;
                continue;
            }
            // As convolutions like it, f_q's become so when the trainer lays them flat. What lies so already keeps its memory.
            using (Tensor last = ChannelsLast.Make(k)) k.set_(last);
            k.copy_(q);
            k.requires_grad_(false);
        }
        foreach (((string _, Tensor buffer) q, (string _, Tensor buffer) k) in query.named_buffers().Zip(key.named_buffers()))
            if (!ReferenceEquals(q.buffer, k.buffer)) k.buffer.copy_(q.buffer);
        return shares;
    }
}
