using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // views, and other shapes of the same elements
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Aten.view.Invoke(this, shape);
        public Tensor view_as(Tensor other) => Aten.view_as.Invoke(this, other);
        public Tensor reshape(params long[] shape) => Aten.reshape.Invoke(this, shape);
        public Tensor ravel() => Aten.ravel.Invoke(this);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Aten.flatten_using_ints.Invoke(this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => Aten.unflatten_int.Invoke(this, dim, sizes);
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor permute(params long[] permutation) => Aten.permute.Invoke(this, permutation);
        public Tensor transpose(long dim0, long dim1) => Aten.transpose_int.Invoke(this, dim0, dim1);
        public Tensor transpose_(long dim0, long dim1) => Within(Aten.transpose_, this, dim0, dim1);
        public Tensor t() => Aten.t.Invoke(this);
        public Tensor swapaxes(long dim0, long dim1) => Aten.swapaxes.Invoke(this, dim0, dim1);
        public Tensor swapdims(long dim0, long dim1) => Aten.swapdims.Invoke(this, dim0, dim1);
        public Tensor movedim(long[] source, long[] destination) => Aten.movedim_intlist.Invoke(this, source, destination);
        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Invoke(this, dim);
        public Tensor unsqueeze_(long dim) => Within(Aten.unsqueeze_, this, dim);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Aten.expand.Invoke(this, sizes, isImplicit);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.Invoke(this, sizes, isImplicit);
        public Tensor expand(params long[] sizes) => Aten.expand.Invoke(this, sizes);
        public Tensor expand_as(Tensor other) => Aten.expand_as.Invoke(this, other);
        public Tensor broadcast_to(params long[] shape) => Aten.broadcast_to.Invoke(this, shape);
        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Invoke(this, dim, start, length);
        public Tensor select(long dim, long index) => Aten.select_int.Invoke(this, dim, index);
        public Tensor unfold(long dimension, long size, long step) => Aten.unfold.Invoke(this, dimension, size, step);
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Aten.diagonal.Invoke(this, offset, dim1, dim2);
        public Tensor diag(long diagonal = 0) => Aten.diag.Invoke(this, diagonal);
        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => Aten.diag_embed.Invoke(this, offset, dim1, dim2);
        public Tensor repeat(params long[] sizes) => Aten.repeat.Invoke(this, sizes);
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_Tensor.Invoke(this, repeats, dim, output_size);
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_int.Invoke(this, repeats, dim, output_size);
        public Tensor tile(long[] reps) => Aten.tile.Invoke(this, reps);
        public Tensor flip(params long[] dims) => Aten.flip.Invoke(this, dims);
        public Tensor fliplr() => Aten.fliplr.Invoke(this);
        public Tensor flipud() => Aten.flipud.Invoke(this);
        public Tensor roll((long, long) shifts, (long, long) dims) => roll([shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll([shifts.Item1, shifts.Item2, shifts.Item3], [dims.Item1, dims.Item2, dims.Item3]);
        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) => Aten.roll.Invoke(this, shifts, dims);
        public Tensor roll(long shifts, long? dims = null) => dims is { } given ? Aten.roll.Invoke(this, shifts, given) : Aten.roll.Invoke(this, shifts);
        public Tensor roll(long[] shifts) => Aten.roll.Invoke(this, shifts);
        public Tensor roll(long[] shifts, long[] dims) => Aten.roll.Invoke(this, shifts, dims);
        public Tensor tril(long diagonal = 0) => Aten.tril.Invoke(this, diagonal);
        public Tensor tril_(long diagonal = 0) => Within(Aten.tril_, this, diagonal);
        public Tensor triu(long diagonal = 0) => Aten.triu.Invoke(this, diagonal);
        public Tensor triu_(long diagonal = 0) => Within(Aten.triu_, this, diagonal);
        public Tensor squeeze(long? dim = null) => dim is { } given ? Aten.squeeze_dim.Invoke(this, given) : Aten.squeeze.Invoke(this);
        public Tensor squeeze_(long? dim = null) => dim is { } given ? Within(Aten.squeeze__dim, this, given) : Within(Aten.squeeze_, this);
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) => Aten.as_strided.Invoke(this, size, strides, storageOffset);
        public Tensor slice(long dim, long start, long finish, long step) => Aten.slice_Tensor.Invoke(this, dim, start, finish, step);
        public Tensor[] chunk(long chunks, long dim = 0) => Aten.chunk.InvokeMany(this, chunks, dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Aten.split_with_sizes.InvokeMany(this, sizes, dim);
        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.InvokeMany(this, size, (long)dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.InvokeMany(this, sizes, dim);
        public Tensor[] split(params long[] sizes) => split(sizes, 0);
        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.InvokeMany(this, dimension);
        public Tensor[] tensor_split(long size, long dim = 0) => Aten.tensor_split_sections.InvokeMany(this, size, dim);
        public Tensor[] tensor_split(long[] sizes, long dim = 0) => Aten.tensor_split_indices.InvokeMany(this, sizes, dim);
        public Tensor rot90(long k = 1, (long, long)? dims = null) => Aten.rot90.Invoke(this, k, dims is { } given ? [given.Item1, given.Item2] : new long[] { 0, 1 });
    }
}
