namespace MoCo.Tensors;

/// <summary>Numbers that TorchSharp's operators take as <see cref="Scalar"/>, made once and never freed.</summary>
/// <remarks>An operator gives libtorch the scalar's address and forgets the object: one that nothing else holds (<c>x.mul_(0.5f)</c>, and
/// the one inside <c>x.add_(y)</c>) can be finalised by a garbage collection while native code reads it. So every scalar is held: here, in
/// a field, or by <c>using</c>; the compiler refuses the others (BannedSymbols.txt).</remarks>
internal static class HeldScalars
{
    /// <summary>1 as an integer, so that it fits tensors of every type.</summary>
    public static readonly Scalar One = 1L.ToScalar();

    /// <summary>−1.</summary>
    public static readonly Scalar MinusOne = (-1L).ToScalar();

    /// <summary>−∞.</summary>
    public static readonly Scalar NegativeInfinity = float.NegativeInfinity.ToScalar();

    /// <summary>½.</summary>
    public static readonly Scalar OneHalf = 0.5.ToScalar();
}
