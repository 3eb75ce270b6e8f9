using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.Invoke(equation, tensors);

    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2.0, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
        Aten.cdist.Invoke(x1, x2, p, (long)compute_mode);

    public static partial class linalg
    {
        public static Tensor cholesky(Tensor input) => Aten.linalg_cholesky.Invoke(input);

        public static Tensor det(Tensor input) => Aten.linalg_det.Invoke(input);

        public static Tensor inv(Tensor input) => Aten.linalg_inv.Invoke(input);

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.linalg_solve.Invoke(A, B, left);

        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.linalg_eigh.InvokePair(input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.linalg_eigvalsh.Invoke(input, UPLO.ToString());

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) => Aten.linalg_svd.InvokeTriple(input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Aten.linalg_svdvals.Invoke(input);

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.linalg_matrix_rank_atol_rtol_float.Invoke(input, atol, rtol, hermitian);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.linalg_pinv_atol_rtol_float.Invoke(input, atol, rtol, hermitian);

        public static Tensor norm(Tensor input, double ord, long[] dims = null, bool keepdim = false) => Aten.linalg_norm.Invoke(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[] dims = null, bool keepdim = false) => Aten.linalg_norm.Invoke(input, (long)ord, dims, keepdim);

        public static Tensor norm(Tensor input, long[] dims = null, bool keepdim = false) => Aten.linalg_norm.Invoke(input, Value.None, dims, keepdim);

        public static Tensor norm(Tensor input, string ord, long[] dims = null, bool keepdim = false) => Aten.linalg_norm_ord_str.Invoke(input, ord, dims, keepdim);

        public static Tensor vector_norm(Tensor input, double ord = 2.0, long[] dims = null, bool keepdim = false) => Aten.linalg_vector_norm.Invoke(input, ord, dims, keepdim);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[] dims = null, bool keepdim = false) =>
            Aten.linalg_matrix_norm_str_ord.Invoke(input, ord, dims ?? [-2, -1], keepdim);
    }
}
