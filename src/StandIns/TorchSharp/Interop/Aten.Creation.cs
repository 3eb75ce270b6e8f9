namespace TorchSharp.Native;

internal static partial class Aten
{
    internal static readonly Operator arange_start_step = new("aten::arange", "start_step");
    internal static readonly Operator empty_like = new("aten::empty_like");
    internal static readonly Operator eye_m = new("aten::eye", "m");
    internal static readonly Operator full = new("aten::full");
    internal static readonly Operator full_like = new("aten::full_like");
    internal static readonly Operator linspace = new("aten::linspace");
    internal static readonly Operator logspace = new("aten::logspace");
    internal static readonly Operator new_empty = new("aten::new_empty");
    internal static readonly Operator new_full = new("aten::new_full");
    internal static readonly Operator new_ones = new("aten::new_ones");
    internal static readonly Operator new_zeros = new("aten::new_zeros");
    internal static readonly Operator normal_Tensor_Tensor = new("aten::normal", "Tensor_Tensor");
    internal static readonly Operator ones = new("aten::ones");
    internal static readonly Operator ones_like = new("aten::ones_like");
    internal static readonly Operator rand = new("aten::rand");
    internal static readonly Operator rand_generator = new("aten::rand", "generator");
    internal static readonly Operator rand_like = new("aten::rand_like");
    internal static readonly Operator randint_like_low_dtype = new("aten::randint_like", "low_dtype");
    internal static readonly Operator randint_low = new("aten::randint", "low");
    internal static readonly Operator randint_low_generator = new("aten::randint", "low_generator");
    internal static readonly Operator randn = new("aten::randn");
    internal static readonly Operator randn_generator = new("aten::randn", "generator");
    internal static readonly Operator randn_like = new("aten::randn_like");
    internal static readonly Operator randperm = new("aten::randperm");
    internal static readonly Operator randperm_generator = new("aten::randperm", "generator");
    internal static readonly Operator tril_indices = new("aten::tril_indices");
    internal static readonly Operator triu_indices = new("aten::triu_indices");
    internal static readonly Operator zeros = new("aten::zeros");
    internal static readonly Operator zeros_like = new("aten::zeros_like");
}
