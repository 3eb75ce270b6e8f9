using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // elementwise arithmetic with tensors and numbers
    public partial class Tensor
    {
        public Tensor add(Scalar scalar) => Aten.add_Scalar.Invoke(this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Aten.add_Scalar.Invoke(this, scalar, alpha);
        public Tensor add(Tensor target) => Aten.add_Tensor.Invoke(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Aten.add_Tensor.Invoke(this, target, alpha);
        public Tensor add_(Scalar scalar) => Within(Aten.add__Scalar, this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Within(Aten.add__Scalar, this, scalar, alpha);
        public Tensor add_(Tensor target) => Within(Aten.add__Tensor, this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Within(Aten.add__Tensor, this, target, alpha);
        public Tensor sub(Scalar target) => Aten.sub_Scalar.Invoke(this, target);
        public Tensor sub(Tensor target) => Aten.sub_Tensor.Invoke(this, target);
        public Tensor sub_(Scalar target) => Within(Aten.sub__Scalar, this, target);
        public Tensor sub_(Tensor target) => Within(Aten.sub__Tensor, this, target);
        public Tensor subtract(Scalar target) => Aten.subtract_Scalar.Invoke(this, target);
        public Tensor subtract(Tensor target) => Aten.subtract_Tensor.Invoke(this, target);
        public Tensor subtract_(Scalar target) => Within(Aten.subtract__Scalar, this, target);
        public Tensor subtract_(Tensor target) => Within(Aten.subtract__Tensor, this, target);
        public Tensor mul(Scalar target) => Aten.mul_Scalar.Invoke(this, target);
        public Tensor mul(Tensor target) => Aten.mul_Tensor.Invoke(this, target);
        public Tensor mul_(Scalar target) => Within(Aten.mul__Scalar, this, target);
        public Tensor mul_(Tensor target) => Within(Aten.mul__Tensor, this, target);
        public Tensor multiply(Scalar target) => Aten.multiply_Scalar.Invoke(this, target);
        public Tensor multiply(Tensor target) => Aten.multiply_Tensor.Invoke(this, target);
        public Tensor floor_divide(Scalar other) => Aten.floor_divide_Scalar.Invoke(this, other);
        public Tensor floor_divide(Tensor other) => Aten.floor_divide.Invoke(this, other);
        public Tensor floor_divide_(Scalar other) => Within(Aten.floor_divide__Scalar, this, other);
        public Tensor floor_divide_(Tensor other) => Within(Aten.floor_divide__Tensor, this, other);
        public Tensor remainder(Scalar scalar) => Aten.remainder_Scalar.Invoke(this, scalar);
        public Tensor remainder(Tensor target) => Aten.remainder_Tensor.Invoke(this, target);
        public Tensor remainder_(Scalar scalar) => Within(Aten.remainder__Scalar, this, scalar);
        public Tensor remainder_(Tensor target) => Within(Aten.remainder__Tensor, this, target);
        public Tensor fmod(Scalar scalar) => Aten.fmod_Scalar.Invoke(this, scalar);
        public Tensor fmod(Tensor target) => Aten.fmod_Tensor.Invoke(this, target);
        public Tensor fmod_(Scalar scalar) => Within(Aten.fmod__Scalar, this, scalar);
        public Tensor fmod_(Tensor target) => Within(Aten.fmod__Tensor, this, target);
        public Tensor pow(Scalar exponent) => Aten.pow_Tensor_Scalar.Invoke(this, exponent);
        public Tensor pow(Tensor exponent) => Aten.pow_Tensor_Tensor.Invoke(this, exponent);
        public Tensor pow_(Scalar exponent) => Within(Aten.pow__Scalar, this, exponent);
        public Tensor pow_(Tensor exponent) => Within(Aten.pow__Tensor, this, exponent);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcmul.Invoke(this, tensor1, tensor2, value);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Within(Aten.addcmul_, this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Aten.addcdiv.Invoke(this, tensor1, tensor2);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcdiv.Invoke(this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Within(Aten.addcdiv_, this, tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Within(Aten.addcdiv_, this, tensor1, tensor2, value);
        public Tensor lerp(Tensor end, Tensor weight) => Aten.lerp_Tensor.Invoke(this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => Within(Aten.lerp__Tensor, this, end, weight);
        public Tensor maximum(Tensor other) => Aten.maximum.Invoke(this, other);
        public Tensor minimum(Tensor other) => Aten.minimum.Invoke(this, other);
        public Tensor fmax(Tensor other) => Aten.fmax.Invoke(this, other);
        public Tensor fmin(Tensor other) => Aten.fmin.Invoke(this, other);
        public Tensor atan2(Tensor other) => Aten.atan2.Invoke(this, other);
        public Tensor atan2_(Tensor other) => Within(Aten.atan2_, this, other);
        public Tensor clamp(Scalar min = null, Scalar max = null) => Aten.clamp.Invoke(this, min, max);
        public Tensor clamp(Tensor min = null, Tensor max = null) => Aten.clamp_Tensor.Invoke(this, min, max);
        public Tensor clamp_(Scalar min = null, Scalar max = null) => Within(Aten.clamp_, this, min, max);
        public Tensor clamp_(Tensor min = null, Tensor max = null) => Within(Aten.clamp__Tensor, this, min, max);
        public Tensor clamp_min(Scalar min) => Aten.clamp_min.Invoke(this, min);
        public Tensor clamp_min_(Scalar min) => Within(Aten.clamp_min_, this, min);
        public Tensor clamp_max(Scalar max) => Aten.clamp_max.Invoke(this, max);
        public Tensor clamp_max_(Scalar max) => Within(Aten.clamp_max_, this, max);
        public Tensor clip(Scalar min = null, Scalar max = null) => Aten.clip.Invoke(this, min, max);
        public Tensor logaddexp(Tensor other) => Aten.logaddexp.Invoke(this, other);
        public Tensor true_divide(Scalar other) => Aten.true_divide_Scalar.Invoke(this, other);
        public Tensor true_divide(Tensor other) => Aten.true_divide_Tensor.Invoke(this, other);
        public Tensor true_divide_(Scalar other) => Within(Aten.true_divide__Scalar, this, other);
        public Tensor true_divide_(Tensor other) => Within(Aten.true_divide__Tensor, this, other);
        public Tensor float_power(Tensor target) => Aten.float_power_Tensor_Tensor.Invoke(this, target);
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Aten.div_Scalar_mode.Invoke(this, target, Name(rounding_mode));
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Aten.div_Tensor_mode.Invoke(this, target, Name(rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Within(Aten.div__Scalar_mode, this, target, Name(rounding_mode));
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Within(Aten.div__Tensor_mode, this, target, Name(rounding_mode));
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        private static string Name(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => null,
        };
    }
}
