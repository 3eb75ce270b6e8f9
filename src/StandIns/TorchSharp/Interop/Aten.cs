namespace TorchSharp.Native;

/// <summary>The operators, named as libtorch names them: <c>name_overload</c>; an in-place name ends in an underscore of its own.</summary>
internal static partial class Aten;
