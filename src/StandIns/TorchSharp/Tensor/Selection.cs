using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// What an indexing expression selects: a view of the tensor (numbers, slices, new dimensions), and index tensors,
/// one or none a dimension, that gather from that view.
/// </summary>
internal sealed class Selection : IDisposable
{
    private readonly Tensor source;
    private readonly List<Tensor> temporaries = [];
    private readonly List<Tensor> gathered = [];
    private Tensor view;
    private int dimension;

    internal Selection(Tensor source, TensorIndex[] indices)
    {
        this.source = source;
        view = source;
        for (int i = 0; i < indices.Length; i++) Apply(indices[i], indices.AsSpan(i + 1));
    }

    internal Tensor Get()
    {
        if (gathered.Count > 0) return Aten.index_Tensor.Invoke(view, gathered);
        if (ReferenceEquals(view, source)) return source.alias();
        temporaries.Remove(view);
        return view;
    }

    internal void Put(Tensor value, bool accumulate)
    {
        Tensor trimmed = Trim(value);
        if (gathered.Count > 0) Aten.index_put_.Run(view, gathered, trimmed, accumulate);
        else if (accumulate) view.add_(trimmed);
        else view.copy_(trimmed);
    }

    public void Dispose()
    {
        foreach (Tensor temporary in temporaries) temporary.Dispose();
    }

    private void Apply(TensorIndex index, ReadOnlySpan<TensorIndex> rest)
    {
        switch (index.IndexKind)
        {
            case TensorIndex.Kind.Single:
                View(view.select(dimension, index.Start ?? 0));
                break;
            case TensorIndex.Kind.Slice:
                if (index.Start is not null || index.Stop is not null || index.Step is not null)
                    View(Aten.slice_Tensor.Invoke(view, dimension, index.Start, index.Stop, index.Step ?? 1));
                dimension++;
                break;
            case TensorIndex.Kind.Ellipsis:
                dimension = (int)view.Dimensions - Consumed(rest);
                break;
            case TensorIndex.Kind.Null:
                View(view.unsqueeze(dimension));
                dimension++;
                break;
            case TensorIndex.Kind.Bool:
                View(view.unsqueeze(dimension));
                Gather(Truth(index.Start != 0));
                break;
            default:
                Apply(index.Index);
                break;
        }
    }

    private void Apply(Tensor index)
    {
        if (index.Dimensions > 0 || !index.is_integral())
        {
            Gather(index);
        }
        else if (index.dtype is ScalarType.Bool or ScalarType.Byte)
        {
            View(view.unsqueeze(dimension));
            Gather(Truth(index.ToBoolean()));
        }
        else
        {
            View(view.select(dimension, index.ToInt64()));
        }
    }

    private static int Consumed(ReadOnlySpan<TensorIndex> indices)
    {
        int consumed = 0;
        foreach (TensorIndex index in indices)
        {
            consumed += index.IndexKind switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor => index.Index.dtype is ScalarType.Bool or ScalarType.Byte ? (int)index.Index.Dimensions : 1,
                _ => 0,
            };
        }
        return consumed;
    }

    /// <summary>One index of a dimension of length 1, or none: what a Boolean selects.</summary>
    private Tensor Truth(bool value) => Keep(value ? zeros(1L, ScalarType.Int64, view.device) : empty(0L, ScalarType.Int64, view.device));

    private void Gather(Tensor index)
    {
        while (gathered.Count < dimension) gathered.Add(null);
        gathered.Add(index);
        dimension++;
    }

    private void View(Tensor next) => view = Keep(next);

    private Tensor Keep(Tensor temporary)
    {
        temporaries.Add(temporary);
        return temporary;
    }

    /// <summary>Leading dimensions of length 1 beyond the target's do not count, as in Python.</summary>
    private Tensor Trim(Tensor value)
    {
        long[] shape = value.shape;
        int ones = shape.TakeWhile(length => length == 1).Count();
        int surplus = gathered.Count > 0 ? 0 : (int)Math.Min(ones, Math.Max(0, shape.Length - view.Dimensions));
        return surplus == 0 ? value : Keep(value.view(shape[surplus..]));
    }
}
