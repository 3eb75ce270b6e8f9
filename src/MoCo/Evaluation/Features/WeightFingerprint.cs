using System.Security.Cryptography;
using System.Text;

namespace MoCo.Evaluation.Features;

/// <summary>Digests of a module's parameters and buffers, to prove afterwards that nothing has touched them.</summary>
/// <param name="module">On any device.</param>
internal sealed class WeightFingerprint(nn.Module module)
{
    private readonly Dictionary<string, string> digests = Digests(module);

    /// <summary>One digest of all, by which another encoder is told from this one: 64 digits.</summary>
    public string All => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
        digests.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value}\n")))));

    /// <summary>The names of the parameters and buffers that are no longer what they were, bit by bit, or are gone or new.</summary>
    public IReadOnlyList<string> Changes()
    {
        Dictionary<string, string> now = Digests(module);
        return [.. digests.Keys.Union(now.Keys).Where(name => digests.GetValueOrDefault(name) != now.GetValueOrDefault(name))];
    }

    /// <exception cref="InvalidOperationException">There are <see cref="Changes"/>; the message names them.</exception>
    public void Verify()
    {
        IReadOnlyList<string> changes = Changes();
        if (changes.Count == 0) return;
        throw new InvalidOperationException($"{module.GetName()} must not change, but {changes.Count} of its {digests.Count} parameters "
            + $"and buffers did: {string.Join(", ", changes.Take(5))}{(changes.Count > 5 ? ", …" : ".")}");
    }

    private static Dictionary<string, string> Digests(nn.Module module)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        return module.state_dict().ToDictionary(entry => entry.Key, entry => Digest(entry.Value), StringComparer.Ordinal);
    }

    private static string Digest(Tensor value)
    {
        using DisposeScope scope = NewDisposeScope();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // A span of bytes ends at 2 GB, a tensor need not.
        const long Most = 1 << 24;
        Tensor flat = value.detach().cpu().contiguous().reshape(-1);
        for (long start = 0; start < flat.NumberOfElements; start += Most)
            hash.AppendData(flat.narrow(0, start, Math.Min(Most, flat.NumberOfElements - start)).bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
