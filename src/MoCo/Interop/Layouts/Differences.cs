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
    private readonly List<(StoredWeight From, Tensor To)> copies = [];

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

    /// <summary>Wants one tensor of the same shape and of a type that converts. As in PyTorch's load_state_dict, a scalar may lie in the
    /// file as one element, and whole numbers as floating ones. Not the other way round: whole numbers in the place of weights are those of
    /// a quantized network, and mean nothing without their scale.</summary>
    public void Copy(StoredWeight from, Tensor to)
    {
        bool converts = from.Tensor.Type is ScalarType type and not (ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64)
            && (is_floating_point(type) || !is_floating_point(to.dtype));
        bool fits = from.Tensor.Shape.SequenceEqual(to.shape) || (to.dim() == 0 && from.Tensor.Shape is [1]);
        if (converts && fits) copies.Add((from, to));
        else Other($"{from.FileName} is {from.Tensor}, expected {StoredTensor.Text(to.shape)} {to.dtype}");
    }

    public void Other(string difference) => others.Add(difference);

    /// <summary>Copies; everything is read before the first copy, so that a disk's error leaves the module as it was.</summary>
    /// <exception cref="InvalidDataException">There are differences; all kinds are listed. Or a tensor holds what is no number that it may
    /// hold: it is named.</exception>
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
        (Tensor Value, Tensor To)[] read = [.. copies.Select(copy => (Read(copy.From, copy.To), copy.To))];
        // Where two encoders share a tensor, that of the query encoder counts, which was asked for first.
        foreach ((Tensor value, Tensor to) in read.Reverse()) to.copy_(value);
    }

    /// <summary>In the type and shape that are wanted: what was finite in the file's type may not be so in ours.</summary>
    private Tensor Read(StoredWeight from, Tensor to)
    {
        using Tensor stored = from.Tensor.Read();
        Tensor value = stored.to(to.dtype).reshape(to.shape);
        if (is_floating_point(to.dtype) && !value.isfinite().all().item<bool>())
            throw new InvalidDataException($"{path}: {from.FileName} holds NaN or infinity; expected finite {to.dtype} numbers.");
        if (is_floating_point(stored.dtype) && !is_floating_point(to.dtype) && !value.eq(stored).all().item<bool>())
            throw new InvalidDataException($"{path}: {from.FileName} holds numbers that are not whole; expected {to.dtype}.");
        return value;
    }
}
