using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // sums, extremes, spread, order
    public partial class Tensor
    {
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.Invoke(this, dim, keepdim, type);
        public Tensor sum(ScalarType? type = null) => Aten.sum.Invoke(this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.Invoke(this, dim, keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.Invoke(this, dim, keepdim, type);
        public Tensor mean() => Aten.mean.Invoke(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Aten.mean_dim.Invoke(this, dimensions, keepdim, type);
        public Tensor median() => Aten.median.Invoke(this);
        public Tensor nanmedian() => Aten.nanmedian.Invoke(this);
        public Tensor nansum() => Aten.nansum.Invoke(this);
        public Tensor prod(ScalarType? type = null) => Aten.prod.Invoke(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Aten.prod_dim_int.Invoke(this, dim, keepdim, type);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Aten.max_dim.InvokePair(this, dim, keepdim);
        public Tensor max() => Aten.max.Invoke(this);
        public Tensor max(Tensor other) => Aten.max_other.Invoke(this, other);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Aten.min_dim.InvokePair(this, dim, keepdim);
        public Tensor min() => Aten.min.Invoke(this);
        public Tensor min(Tensor other) => Aten.min_other.Invoke(this, other);
        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amax.Invoke(this, dims, keepdim));
        public Tensor amax(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amax.Invoke(this, dims, keepdim));
        public Tensor amax(params long[] dims) => Aten.amax.Invoke(this, dims);
        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amin.Invoke(this, dims, keepdim));
        public Tensor amin(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amin.Invoke(this, dims, keepdim));
        public Tensor amin(params long[] dims) => Aten.amin.Invoke(this, dims);
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Aten.aminmax.InvokePair(this, dim, keepdim);
        public Tensor argmax() => Aten.argmax.Invoke(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.Invoke(this, dim, keepdim);
        public Tensor argmin() => Aten.argmin.Invoke(this);
        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.Invoke(this, dim, keepdim);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.Invoke(this, dim, descending);
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Aten.topk.InvokePair(this, (long)k, (long)dim, largest, sorted);
        public Tensor all() => Aten.all.Invoke(this);
        public Tensor all(long dim, bool keepdim = false) => Aten.all_dim.Invoke(this, dim, keepdim);
        public Tensor any() => Aten.any.Invoke(this);
        public Tensor any(long dim, bool keepdim = false) => Aten.any_dim.Invoke(this, dim, keepdim);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.cumsum.Invoke(this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Aten.cumprod.Invoke(this, dim, type);
        public (Tensor values, Tensor indexes) cummax(long dim) => Aten.cummax.InvokePair(this, dim);
        public (Tensor values, Tensor indexes) cummin(long dim) => Aten.cummin.InvokePair(this, dim);
        public Tensor logcumsumexp(long dim) => Aten.logcumsumexp.Invoke(this, dim);
        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_dim.Invoke(this, new[] { dim.Item1, dim.Item2 }, unbiased, keepdim), type);
        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_dim.Invoke(this, new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim), type);
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_dim.Invoke(this, dimensions, unbiased, keepdim), type);
        public Tensor std(bool unbiased = true) => Aten.std.Invoke(this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.std_dim.Invoke(this, dim, unbiased, keepdim), type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.std_dim.Invoke(this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_mean_dim.InvokePair(this, new[] { dim.Item1, dim.Item2 }, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_mean_dim.InvokePair(this, new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_mean_dim.InvokePair(this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Aten.std_mean.InvokePair(this, unbiased);
        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_mean_dim.InvokePair(this, dim, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.std_mean_dim.InvokePair(this, dimensions, unbiased, keepdim), type);
        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_dim.Invoke(this, new[] { dim.Item1, dim.Item2 }, unbiased, keepdim), type);
        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_dim.Invoke(this, new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim), type);
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_dim.Invoke(this, dimensions, unbiased, keepdim), type);
        public Tensor var(bool unbiased = true) => Aten.var.Invoke(this, unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.var_dim.Invoke(this, dim, unbiased, keepdim), type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.var_dim.Invoke(this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_mean_dim.InvokePair(this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_mean_dim.InvokePair(this, dimensions, unbiased, keepdim), type);
        public (Tensor var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_mean_dim.InvokePair(this, new[] { dim.Item1, dim.Item2 }, unbiased, keepdim), type);
        public (Tensor var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_mean_dim.InvokePair(this, new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim), type);
        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => Aten.var_mean.InvokePair(this, unbiased);
        public (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(Aten.var_mean_dim.InvokePair(this, dim, unbiased, keepdim), type);
        public Tensor norm(float p = 2f) => Aten.norm_Scalar.Invoke(this, (double)p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2f) => Aten.norm_ScalarOpt_dim.Invoke(this, (double)p, (long)dim, keepdim);
        public Tensor dist(Tensor other, float p = 2f) => Aten.dist.Invoke(this, other, (double)p);
        public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false) => Aten.mode.InvokePair(this, dim, keepdim);
        public Tensor bincount(Tensor weights, long minlength = 0) => Aten.bincount.Invoke(this, weights, minlength);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Aten.bucketize_Tensor.Invoke(this, boundaries, outInt32, right);
        public Tensor trace() => Aten.trace.Invoke(this);
        public (Tensor output, Tensor inverse_indices, Tensor counts) unique_consecutive(bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Aten.unique_consecutive.InvokeTriple(this, return_inverse, return_counts, (long?)dim);
        public Tensor cov(long correction = 1, Tensor fweights = null, Tensor aweights = null) => Aten.cov.Invoke(this, correction, fweights, aweights);
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.logsumexp.Invoke(this, dim, keepdim);
        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) => Aten.nanmean.Invoke(this, dim is { } given ? (long)given : Value.None, keepdim, dtype);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Aten.quantile.Invoke(this, q, dim, keepdim);
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) => Aten.kthvalue.InvokePair(this, k, dim ?? -1, keepdim);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) => Aten.sort_stable.InvokePair(this, stable, dim, descending);
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Aten.histc.Invoke(this, bins, min, max);
        public Tensor count_nonzero(long[] dims = null) => dims is null ? Aten.count_nonzero.Invoke(this) : Aten.count_nonzero_dim_IntList.Invoke(this, dims);

        // the operators of spread take no result type: cast afterwards
        private static Tensor Cast(Tensor result, ScalarType? type)
        {
            if (type is not { } given || given == result.dtype) return result;
            using (result) return result.to_type(given);
        }

        private static (Tensor, Tensor) Cast((Tensor spread, Tensor mean) result, ScalarType? type) => (Cast(result.spread, type), Cast(result.mean, type));

        private static Tensor Into(Tensor target, Tensor result)
        {
            if (target is null) return result;
            using (result) return target.copy_(result);
        }
    }
}
