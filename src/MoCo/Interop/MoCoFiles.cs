using MoCo.Contrast;
using MoCo.Encoders;
using TorchSharp;
using static MoCo.Tensors.HeldScalars;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>A whole <see cref="MomentumContrast"/> from and to other people's files.</summary>
public static class MoCoFiles
{
    private const double NormTolerance = 0.01; // float16 keeps three digits

    /// <summary>
    /// Starts from any file that <see cref="WeightFile"/> knows: takes over those of <paramref name="parts"/> that the file has,
    /// all or nothing. A file without a key encoder gives the key encoder the query encoder's weights, as at a run's start.
    /// </summary>
    /// <param name="method">The method that takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is wanted; leave out <see cref="WeightParts.Queue"/> for a queue of another length, <see cref="WeightParts.Head"/> for another head.</param>
    /// <returns>What was loaded and what was left.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another model, or has nothing of what is wanted; missing and unexpected tensors are listed.</exception>
    public static LoadedWeights LoadWeights(this MomentumContrast method, string path, WeightParts parts = WeightParts.All)
    {
        ArgumentNullException.ThrowIfNull(method);
        using WeightFile file = WeightFile.Open(path);
        if ((parts & file.Parts) == WeightParts.None) throw new InvalidDataException($"{path} (layout {file.Layout}) has none of {parts}; it has {file.Parts}.");
        parts &= file.Parts;
        var differences = new Differences(path, file.Layout);
        CompareEncoder(differences, method.QueryEncoder, file.Query, parts);
        bool keys = parts.HasFlag(WeightParts.KeyEncoder);
        if (keys) CompareEncoder(differences, method.KeyEncoder, file.Key, parts);
        if (parts.HasFlag(WeightParts.Queue)) CompareQueue(differences, method.Queue, file);
        differences.Load();
        if (!keys) CopyToKeys(method, WeightParts.Encoder & parts);
        method.AfterLoading();
        return new LoadedWeights(file.Layout, parts, Unused(file, parts));
    }

    internal static void CompareEncoder(Differences differences, Encoder encoder, IReadOnlyDictionary<string, StoredWeight> found, WeightParts parts)
    {
        differences.Compare(encoder.state_dict().Where(entry => Wanted(entry.Key)), found.Where(entry => Wanted(entry.Key)));

        bool Wanted(string name) => parts.HasFlag(name.StartsWith("head.", StringComparison.Ordinal) ? WeightParts.Head : WeightParts.Backbone);
    }

    /// <summary>The file's tensors that <paramref name="parts"/> leave out.</summary>
    internal static IReadOnlyList<string> Unused(WeightFile file, WeightParts parts)
    {
        HashSet<string> used = [];
        foreach ((string name, StoredWeight weight) in file.Query)
            if (parts.HasFlag(name.StartsWith("head.", StringComparison.Ordinal) ? WeightParts.Head : WeightParts.Backbone)) used.Add(weight.FileName);
        foreach ((string name, StoredWeight weight) in file.Key)
            if (parts.HasFlag(WeightParts.KeyEncoder | (name.StartsWith("head.", StringComparison.Ordinal) ? WeightParts.Head : WeightParts.Backbone))) used.Add(weight.FileName);
        if (parts.HasFlag(WeightParts.Queue)) used.UnionWith(new[] { file.Queue?.FileName, file.QueuePointer?.FileName }.OfType<string>());
        return [.. file.Tensors.Keys.Where(name => !used.Contains(name))];
    }

    /// <summary>A queue is dim×K in most files, K×dim in Lightly's; solo-learn keeps one for each view, of which the first is taken.</summary>
    private static void CompareQueue(Differences differences, KeyQueue queue, WeightFile file)
    {
        StoredWeight stored = file.Queue!;
        long[] found = [.. stored.Tensor.Shape], wanted = [queue.Dimension, queue.Length];
        Func<Tensor, Tensor>? turn = found switch
        {
            [long d, long k] when d == wanted[0] && k == wanted[1] => whole => whole.alias(),
            [long k, long d] when d == wanted[0] && k == wanted[1] => whole => whole.t(),
            [_, long d, long k] when d == wanted[0] && k == wanted[1] => whole => whole[0],
            _ => null,
        };
        if (turn is null || stored.Tensor.Type is null)
        {
            differences.Other($"{stored.FileName} is {stored.Tensor}, expected {wanted[0]}×{wanted[1]}");
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor keys = turn(stored.Tensor.Read());
        Tensor wide = keys.to(ScalarType.Float32);
        double worst = wide.mul(wide).sum(dim: 0).sqrt_().sub_(One).abs_().max().item<float>();
        if (!(worst <= NormTolerance)) differences.Other($"{stored.FileName} has a key whose length is off 1 by {worst:G3}, expected unit vectors");
        StoredTensor turned = new(stored.Tensor.TypeName, stored.Tensor.Type, wanted, () =>
        {
            using Tensor whole = stored.Tensor.Read();
            using Tensor seen = turn(whole);
            using Tensor wide = seen.to(ScalarType.Float32);
            return nn.functional.normalize(wide, dim: 0);
        });
        Dictionary<string, Tensor> buffers = queue.state_dict();
        differences.Copy(stored with { Tensor = stored.Tensor.Type == ScalarType.Float32 && found.AsSpan().SequenceEqual(wanted) ? stored.Tensor : turned }, buffers["queue"]);

        if (file.QueuePointer is not { } pointer || pointer.Tensor.Shape.Aggregate(1L, (a, b) => a * b) != 1 || pointer.Tensor.Type != ScalarType.Int64)
        {
            differences.Other(file.QueuePointer is null ? "the queue's pointer is missing" : $"{file.QueuePointer.FileName} is {file.QueuePointer.Tensor}, expected 1 Int64");
            return;
        }
        long position = pointer.Tensor.Read().item<long>();
        if (position < 0 || position >= queue.Length) differences.Other($"{pointer.FileName} is {position}, expected 0 to {queue.Length - 1}");
        differences.Copy(pointer with { Tensor = new StoredTensor("int64", ScalarType.Int64, [1], () => tensor(new[] { position })) }, buffers["queue_ptr"]);
    }

    /// <summary>Gives the key encoder what the query encoder took over from a file that has no key encoder.</summary>
    private static void CopyToKeys(MomentumContrast method, WeightParts parts)
    {
        using IDisposable _ = no_grad();
        Dictionary<string, Tensor> keys = method.KeyEncoder.state_dict();
        foreach ((string name, Tensor value) in method.QueryEncoder.state_dict())
            if (parts.HasFlag(name.StartsWith("head.", StringComparison.Ordinal) ? WeightParts.Head : WeightParts.Backbone)) keys[name].copy_(value);
    }
}
