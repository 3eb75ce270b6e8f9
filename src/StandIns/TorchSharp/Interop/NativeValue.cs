using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>A value as it crosses into the shim: kind, length, and 8 bytes that the kind gives a meaning.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct NativeValue
{
    [FieldOffset(0)] internal ValueKind Kind;
    [FieldOffset(4)] internal int Length;
    [FieldOffset(8)] internal long Integer;
    [FieldOffset(8)] internal double Real;
    [FieldOffset(8)] internal void* Pointer;
}
