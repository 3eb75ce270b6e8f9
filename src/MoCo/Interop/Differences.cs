using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>Compares what a file has with what a module wants, and collects what to copy; nothing is touched until all fits.</summary>
internal sealed class Differences(string path, WeightLayout layout)
{
    private const int Shown = 8;
    private readonly List<string> missing = [];
    private readonly List<string> unexpected = [];
    private readonly List<string> others = [];
    private readonly List<(StoredWeight From, Tensor To)> copies = [];

    public static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 0 ? "nothing" : string.Join(", ", all.Take(Shown)) + (all.Length > Shown ? $" and {all.Length - Shown} more" : "");
    }

    /// <summary>Wants each of a module's tensors from the file's, and no other.</summary>
    public void Compare(IEnumerable<KeyValuePair<string, Tensor>> wanted, IEnumerable<KeyValuePair<string, StoredWeight>> found)
    {
        var left = new OrderedDictionary<string, StoredWeight>(found, StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in wanted)
        {
            if (left.Remove(name, out StoredWeight? weight)) Copy(weight, tensor);
            // Files from before PyTorch 0.4.1 don't count batches; nothing of the arithmetic depends on it.
            else if (!name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)) missing.Add(name);
        }
        unexpected.AddRange(left.Values.Select(weight => weight.FileName));
    }

    /// <summary>Wants one tensor of the same shape and of a type that converts: floating to floating, whole to whole.</summary>
    public void Copy(StoredWeight from, Tensor to)
    {
        if (from.Tensor.Shape.SequenceEqual(to.shape) && from.Tensor.Type is ScalarType type && is_floating_point(type) == is_floating_point(to.dtype)) copies.Add((from, to));
        else others.Add($"{from.FileName} is {from.Tensor}, expected {(to.dim() == 0 ? "scalar" : string.Join("×", to.shape))} {to.dtype}");
    }

    public void Other(string difference) => others.Add(difference);

    /// <exception cref="InvalidDataException">There are differences; all kinds are listed.</exception>
    public void ThrowIfAny()
    {
        int count = missing.Count + unexpected.Count + others.Count;
        if (count == 0) return;
        string[] kinds =
        [
            .. missing.Count > 0 ? [$"missing {Some(missing)}"] : Array.Empty<string>(),
            .. unexpected.Count > 0 ? [$"unexpected {Some(unexpected)}"] : Array.Empty<string>(),
            .. others.Count > 0 ? [Some(others)] : Array.Empty<string>(),
        ];
        throw new InvalidDataException($"{path} (layout {layout}) is of another model, {count} {(count == 1 ? "difference" : "differences")}: {string.Join("; ", kinds)}.");
    }

    /// <summary>Reads everything before the first copy, so that a disk's error leaves the module as it was.</summary>
    public void Load()
    {
        ThrowIfAny();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        (Tensor Value, Tensor To)[] read = [.. copies.Select(copy => (copy.From.Tensor.Read(), copy.To))];
        foreach ((Tensor value, Tensor to) in read) to.copy_(value);
    }
}
