using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Features;

/// <summary>Digests of a module's parameters and buffers, to prove afterwards that nothing has touched them.</summary>
internal sealed class WeightFingerprint
{
    private readonly nn.Module module;
    private readonly Dictionary<string, string> digests;

    private WeightFingerprint(nn.Module module) => (this.module, digests) = (module, Digests(module));

    /// <summary>Takes the digests of a module as it is now.</summary>
    /// <param name="module">On any device.</param>
    public static WeightFingerprint Of(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new WeightFingerprint(module);
    }

    /// <summary>The names of the parameters and buffers that are no longer what they were, bit by bit, or are gone or new.</summary>
    public IReadOnlyList<string> Changes()
    {
        var now = Digests(module);
        return [.. digests.Keys.Union(now.Keys).Where(name => digests.GetValueOrDefault(name) != now.GetValueOrDefault(name))];
    }

    /// <summary>Makes sure that there are no <see cref="Changes"/>.</summary>
    /// <exception cref="InvalidOperationException">There are; the message names them.</exception>
    public void Verify()
    {
        if (Changes() is { Count: > 0 } changes)
            throw new InvalidOperationException($"{module.GetName()} must not change, but {changes.Count} of its {digests.Count} parameters and buffers did: {string.Join(", ", changes.Take(5))}{(changes.Count > 5 ? ", …" : ".")}");
    }

    private static Dictionary<string, string> Digests(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        return module.state_dict().ToDictionary(entry => entry.Key, entry => Digest(entry.Value), StringComparer.Ordinal);
    }

    private static string Digest(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // A span of bytes ends at 2 GB, a tensor need not.
        const long Most = 1 << 24;
        var flat = value.detach().cpu().contiguous().reshape(-1);
        for (long start = 0; start < flat.NumberOfElements; start += Most)
            hash.AppendData(flat.narrow(0, start, Math.Min(Most, flat.NumberOfElements - start)).bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
