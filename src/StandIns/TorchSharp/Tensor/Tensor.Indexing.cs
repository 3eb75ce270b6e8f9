using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // gathering and scattering by index and mask
    public partial class Tensor
    {
        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Invoke(this, dim, index);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.Invoke(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Within(Aten.index_copy_, this, dim, index, source);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.Invoke(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Within(Aten.index_add_, this, dim, index, source, alpha);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar.Invoke(this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Within(Aten.index_fill__int_Scalar, this, dim, index, value);
        public Tensor gather(long dim, Tensor index) => Aten.gather.Invoke(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Invoke(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Within(Aten.scatter__src, this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Invoke(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Within(Aten.scatter_add_, this, dim, index, src);
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.Invoke(this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Within(Aten.masked_fill__Scalar, this, mask, value);
        public Tensor masked_select(Tensor mask) => Aten.masked_select.Invoke(this, mask);
        public Tensor masked_scatter(Tensor mask, Tensor value) => Aten.masked_scatter.Invoke(this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Within(Aten.masked_scatter_, this, mask, value);
        public Tensor take(Tensor index) => Aten.take.Invoke(this, index);
        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.Invoke(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Invoke(this, indices, dim);
        public IList<Tensor> nonzero_as_list() => Aten.nonzero_numpy.InvokeMany(this);
    }
}
