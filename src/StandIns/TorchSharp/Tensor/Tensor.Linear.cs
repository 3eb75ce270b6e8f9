using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // products of matrices and vectors
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Aten.matmul.Invoke(this, target);
        public Tensor mm(Tensor target) => Aten.mm.Invoke(this, target);
        public Tensor bmm(Tensor batch2) => Aten.bmm.Invoke(this, batch2);
        public Tensor mv(Tensor target) => Aten.mv.Invoke(this, target);
        public Tensor dot(Tensor target) => Aten.dot.Invoke(this, target);
        public Tensor outer(Tensor vec2) => Aten.outer.Invoke(this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) => Aten.addmm.Invoke(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) => Within(Aten.addmm_, this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) => Aten.baddbmm.Invoke(this, batch1, batch2, (double)beta, (double)alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) => Aten.addmv.Invoke(this, mat, vec, (double)beta, (double)alpha);
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) => Within(Aten.addmv_, this, mat, vec, (double)beta, (double)alpha);
        public Tensor inverse() => Aten.inverse.Invoke(this);
        public Tensor det() => Aten.det.Invoke(this);
        public Tensor inner(Tensor vec2) => Aten.inner.Invoke(this, vec2);
    }
}
