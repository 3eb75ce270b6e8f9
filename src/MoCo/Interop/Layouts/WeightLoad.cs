using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Encoders.Transformers;

namespace MoCo.Interop.Layouts;

/// <summary>Takes parts of a file over into encoders and a queue, all or nothing.</summary>
internal sealed class WeightLoad(WeightFile file, WeightParts parts)
{
    private const double NormTolerance = 0.01; // float16 keeps three digits
    private readonly Differences differences = new(file.Path, file.Layout);

    public static WeightParts PartOf(string name)
        => name.StartsWith("head.", StringComparison.Ordinal) ? WeightParts.Head : WeightParts.Backbone;

    public WeightLoad Query(Encoder encoder)
    {
        // Weights of other heads fit, and compute something else.
        string? heads = file.Metadata.GetValueOrDefault(EncoderFiles.HeadsKey);
        if (encoder.Backbone is VisionTransformer own && heads is not null && heads != Invariant($"{own.Heads}"))
            differences.Other($"it is of {heads} heads of attention, expected {Invariant($"{own.Heads}")}");
        if (file.Layout == WeightLayout.OfficialV3 && encoder.Options?.Backbone == Backbone.ViTSmall6Heads)
            differences.Other($"MoCo v3's network has heads of 32, expected {Backbone.ViTSmall} for it");
        return Compare(encoder, file.Query);
    }

    public WeightLoad Key(Encoder encoder) => Compare(encoder, file.Key);

    /// <summary>A queue is dim×K in most files, K×dim in Lightly's; of solo-learn's, one for each view, the first is taken.</summary>
    public void Queue(KeyQueue queue)
    {
        StoredWeight stored = file.Queue!;
        (long d, long k) = (queue.Dimension, queue.Length);
        Func<Tensor, Tensor>? turn = stored.Tensor.Shape switch
        {
            [long rows, long columns] when rows == d && columns == k => whole => whole.alias(),
            [long rows, long columns] when rows == k && columns == d => whole => whole.t(),
            [_, long rows, long columns] when rows == d && columns == k => whole => whole[0],
            _ => null,
        };
        if (turn is null || stored.Tensor.Type is null)
        {
            differences.Other($"{stored.FileName} is {stored.Tensor}, expected {d}×{k}");
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor keys = turn(stored.Tensor.Read()).to(ScalarType.Float32);
        double worst = keys.mul(keys).sum(dim: 0).sqrt_().sub_(One).abs_().max().item<float>();
        if (!(worst <= NormTolerance))
            differences.Other(Invariant($"{stored.FileName} has a key whose length is off 1 by {worst:G3}, expected unit vectors"));
        Dictionary<string, Tensor> buffers = queue.state_dict();
        bool asItIs = stored.Tensor.Type == ScalarType.Float32 && stored.Tensor.Shape.SequenceEqual([d, k]);
        differences.Copy(asItIs ? stored : stored with { Tensor = stored.Tensor.As(ScalarType.Float32, [d, k], Turned) }, buffers["queue"]);
        Pointer(queue, buffers["queue_ptr"]);

        Tensor Turned()
        {
            using DisposeScope inner = NewDisposeScope();
            return nn.functional.normalize(turn(stored.Tensor.Read()).to(ScalarType.Float32), dim: 0).MoveToOuterDisposeScope();
        }
    }

    /// <exception cref="InvalidDataException">The file is of another model; nothing was loaded.</exception>
    public (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) Finish()
    {
        differences.Load();
        HashSet<string?> used = [.. Wanted(file.Query).Select(entry => entry.Value.FileName)];
        if (parts.HasFlag(WeightParts.KeyEncoder)) used.UnionWith(Wanted(file.Key).Select(entry => entry.Value.FileName));
        if (parts.HasFlag(WeightParts.Queue)) used.UnionWith([file.Queue?.FileName, file.QueuePointer?.FileName]);
        return (file.Layout, parts, [.. file.Tensors.Keys.Where(name => !used.Contains(name))]);
    }

    private WeightLoad Compare(Encoder encoder, IReadOnlyDictionary<string, StoredWeight> found)
    {
        differences.Compare(Wanted(encoder.state_dict()), Wanted(found));
        return this;
    }

    private IEnumerable<KeyValuePair<string, T>> Wanted<T>(IEnumerable<KeyValuePair<string, T>> encoder)
        => encoder.Where(entry => parts.HasFlag(PartOf(entry.Key)));

    private void Pointer(KeyQueue queue, Tensor to)
    {
        if (file.QueuePointer is not { Tensor: { Type: ScalarType.Int64 } stored } pointer || stored.Shape.Any(d => d != 1))
        {
            differences.Other(file.QueuePointer is null
                ? "the queue's pointer is missing"
                : $"{file.QueuePointer.FileName} is {file.QueuePointer.Tensor}, expected 1 Int64");
            return;
        }
        long position = stored.Read().item<long>();
        if (position < 0 || position >= queue.Length)
            differences.Other($"{pointer.FileName} is {position}, expected 0 to {queue.Length - 1}");
        differences.Copy(pointer with { Tensor = stored.As(ScalarType.Int64, [1], () => tensor(new[] { position })) }, to);
    }
}
