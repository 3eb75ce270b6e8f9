namespace TorchSharp.Native;

/// <summary>The operators, named as libtorch names them: <c>name_overload</c>, with a second underscore after an in-place name.</summary>
internal static partial class Aten
{
    internal static readonly Operator is_nonzero = new("aten::is_nonzero");
    internal static readonly Operator is_pinned = new("aten::is_pinned");
}
