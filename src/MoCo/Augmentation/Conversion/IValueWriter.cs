using System.Runtime.Intrinsics;

namespace MoCo.Augmentation.Conversion;

/// <summary>Writes floats as one number type, in memory of any alignment.</summary>
internal unsafe interface IValueWriter
{
    /// <summary>Writes sixteen values.</summary>
    static abstract void Write(byte* into, nint index, Vector256<float> low, Vector256<float> high);

    /// <summary>Writes one value.</summary>
    static abstract void Write(byte* into, nint index, float value);
}
