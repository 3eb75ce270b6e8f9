using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

// many tensors into one, one into many, and selection between two
public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.Invoke(tensors, dim);
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(Value.Tensors(tensors), dim);
    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(tensors.ToArray(), dim);
    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.Invoke(Value.Tensors(tensors), dim);
    public static Tensor hstack(params Tensor[] tensors) => Aten.hstack.Invoke(tensors);
    public static Tensor hstack(IList<Tensor> tensors) => Aten.hstack.Invoke(Value.Tensors(tensors));
    public static Tensor vstack(Tensor[] tensors) => Aten.vstack.Invoke(tensors);
    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.Invoke(Value.Tensors(tensors));
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") => Aten.meshgrid_indexing.InvokeMany(Value.Tensors(tensors), indexing);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Aten.broadcast_tensors.InvokeMany(tensors);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.where_self.Invoke(condition, x, y);

    public static Tensor[] where(Tensor condition)
    {
        if (condition.dtype != ScalarType.Bool) throw new ArgumentException("The condition to 'where' must be a boolean tensor.");
        return Aten.where.InvokeMany(condition);
    }

    public static (Tensor output, Tensor inverse_indices, Tensor counts) unique(Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique(sorted, return_inverse, return_counts, dim);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor sorter = null) =>
        Aten.searchsorted_Tensor.Invoke(sorted_sequence, values, out_int32, right, Value.None, sorter);

    public partial class Tensor
    {
        public (Tensor output, Tensor inverse_indices, Tensor counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            (Tensor output, Tensor inverse, Tensor counts) = dim is { } given
                ? Aten.unique_dim.InvokeTriple(this, (long)given, sorted, return_inverse, return_counts)
                : Aten._unique2.InvokeTriple(this, sorted, return_inverse, return_counts);
            return (output, return_inverse ? inverse : Drop(inverse), return_counts ? counts : Drop(counts));
        }

        private static Tensor Drop(Tensor unwanted)
        {
            unwanted?.Dispose();
            return null;
        }
    }
}
