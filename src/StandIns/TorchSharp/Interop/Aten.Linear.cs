namespace TorchSharp.Native;

internal static partial class Aten
{
    internal static readonly Operator addmm = new("aten::addmm");
    internal static readonly Operator addmm_ = new("aten::addmm_");
    internal static readonly Operator addmv = new("aten::addmv");
    internal static readonly Operator addmv_ = new("aten::addmv_");
    internal static readonly Operator baddbmm = new("aten::baddbmm");
    internal static readonly Operator bmm = new("aten::bmm");
    internal static readonly Operator cdist = new("aten::cdist");
    internal static readonly Operator det = new("aten::det");
    internal static readonly Operator dot = new("aten::dot");
    internal static readonly Operator einsum = new("aten::einsum");
    internal static readonly Operator inner = new("aten::inner");
    internal static readonly Operator inverse = new("aten::inverse");
    internal static readonly Operator linalg_cholesky = new("aten::linalg_cholesky");
    internal static readonly Operator linalg_det = new("aten::linalg_det");
    internal static readonly Operator linalg_eigh = new("aten::linalg_eigh");
    internal static readonly Operator linalg_eigvalsh = new("aten::linalg_eigvalsh");
    internal static readonly Operator linalg_inv = new("aten::linalg_inv");
    internal static readonly Operator linalg_matrix_norm = new("aten::linalg_matrix_norm");
    internal static readonly Operator linalg_matrix_norm_str_ord = new("aten::linalg_matrix_norm", "str_ord");
    internal static readonly Operator linalg_matrix_rank_atol_rtol_float = new("aten::linalg_matrix_rank", "atol_rtol_float");
    internal static readonly Operator linalg_norm = new("aten::linalg_norm");
    internal static readonly Operator linalg_norm_ord_str = new("aten::linalg_norm", "ord_str");
    internal static readonly Operator linalg_pinv_atol_rtol_float = new("aten::linalg_pinv", "atol_rtol_float");
    internal static readonly Operator linalg_qr = new("aten::linalg_qr");
    internal static readonly Operator linalg_solve = new("aten::linalg_solve");
    internal static readonly Operator linalg_svd = new("aten::linalg_svd");
    internal static readonly Operator linalg_svdvals = new("aten::linalg_svdvals");
    internal static readonly Operator linalg_vecdot = new("aten::linalg_vecdot");
    internal static readonly Operator linalg_vector_norm = new("aten::linalg_vector_norm");
    internal static readonly Operator matmul = new("aten::matmul");
    internal static readonly Operator mm = new("aten::mm");
    internal static readonly Operator mv = new("aten::mv");
    internal static readonly Operator outer = new("aten::outer");
}
