using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // copies and conversions of type
    public partial class Tensor
    {
        public Tensor clone() => Aten.clone.Invoke(this);
        public Tensor contiguous() => Aten.contiguous.Invoke(this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Within(Aten.copy_, this, source, nonBlocking);
        public Tensor detach() => Aten.detach.Invoke(this);
        public Tensor detach_() => Within(Aten.detach_, this);
        public Tensor set_(Tensor source) => Within(Aten.set__source_Tensor, this, source);
        public Tensor pin_memory() => Aten.pin_memory.Invoke(this);
        public Tensor type_as(Tensor tensor) => Aten.type_as.Invoke(this, tensor);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @short() => to_type(ScalarType.Int16);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @char() => to_type(ScalarType.Int8);
        public Tensor @bool() => to_type(ScalarType.Bool);
    }
}
