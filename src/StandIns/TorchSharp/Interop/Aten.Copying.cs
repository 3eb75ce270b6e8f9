namespace TorchSharp.Native;

internal static partial class Aten
{
    internal static readonly Operator clone = new("aten::clone");
    internal static readonly Operator contiguous = new("aten::contiguous");
    internal static readonly Operator copy_ = new("aten::copy_");
    internal static readonly Operator detach = new("aten::detach");
    internal static readonly Operator detach_ = new("aten::detach_");
    internal static readonly Operator empty_memory_format = new("aten::empty", "memory_format");
    internal static readonly Operator empty_strided = new("aten::empty_strided");
    internal static readonly Operator equal = new("aten::equal");
    internal static readonly Operator from_file = new("aten::from_file");
    internal static readonly Operator is_nonzero = new("aten::is_nonzero");
    internal static readonly Operator is_pinned = new("aten::is_pinned");
    internal static readonly Operator item = new("aten::item");
    internal static readonly Operator pin_memory = new("aten::pin_memory");
    internal static readonly Operator set__source_Tensor = new("aten::set_", "source_Tensor");
    internal static readonly Operator to_device = new("aten::to", "device");
    internal static readonly Operator to_dtype = new("aten::to", "dtype");
    internal static readonly Operator to_dtype_layout = new("aten::to", "dtype_layout");
    internal static readonly Operator type_as = new("aten::type_as");
}
