using MoCo.Tensors;

namespace MoCo.Interop.Layouts;

/// <summary>A tensor of a file under the name that the file gives it.</summary>
internal sealed record StoredWeight(string FileName, StoredTensor Tensor);

/// <summary>Compares what a file has with what a module wants, and collects what to copy; nothing is touched until all fits.</summary>
internal sealed class Differences(string path, WeightLayout layout)
{
    private const int Shown = 8;
    private readonly List<string> missing = [];
    private readonly List<string> unexpected = [];
    private readonly List<string> others = [];
    private readonly List<(StoredTensor From, Tensor To)> copies = [];

    public static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        string more = all.Length > Shown ? $" and {all.Length - Shown} more" : "";
        return all.Length == 0 ? "nothing" : string.Join(", ", all.Take(Shown)) + more;
    }

    /// <summary>Wants each of a module's tensors from the file's, and no other.</summary>
    public void Compare(IEnumerable<KeyValuePair<string, Tensor>> wanted, IEnumerable<KeyValuePair<string, StoredWeight>> found)
    {
        OrderedDictionary<string, StoredWeight> left = new(found, StringComparer.Ordinal);
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
        bool converts = from.Tensor.Type is ScalarType type && is_floating_point(type) == is_floating_point(to.dtype);
        if (converts && from.Tensor.Shape.SequenceEqual(to.shape)) copies.Add((from.Tensor, to));
        else Other($"{from.FileName} is {from.Tensor}, expected {StoredTensor.Text(to.shape)} {to.dtype}");
    }

    public void Other(string difference) => others.Add(difference);

    /// <summary>Copies; everything is read before the first copy, so that a disk's error leaves the module as it was.</summary>
    /// <exception cref="InvalidDataException">There are differences; all kinds are listed.</exception>
    public void Load()
    {
        int count = missing.Count + unexpected.Count + others.Count;
        if (count > 0)
        {
            (string Name, List<string> List)[] kinds = [("missing ", missing), ("unexpected ", unexpected), ("", others)];
            throw new InvalidDataException($"{path} (layout {layout}) is of another model, {count} difference{(count == 1 ? "" : "s")}: "
                + $"{string.Join("; ", kinds.Where(kind => kind.List.Count > 0).Select(kind => kind.Name + Some(kind.List)))}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        (Tensor Value, Tensor To)[] read = [.. copies.Select(copy => (copy.From.Read(), copy.To))];
        foreach ((Tensor value, Tensor to) in read) to.copy_(value);
    }
}
