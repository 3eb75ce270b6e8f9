using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // comparisons, logic and tests
    public partial class Tensor
    {
        public Tensor eq(Scalar target) => Aten.eq_Scalar.Invoke(this, target);
        public Tensor eq(Tensor target) => target is null ? tensor(false) : Aten.eq_Tensor.Invoke(this, target);
        public Tensor eq_(Scalar target) => Within(Aten.eq__Scalar, this, target);
        public Tensor eq_(Tensor target) => Within(Aten.eq__Tensor, this, target);
        public Tensor ne(Scalar target) => Aten.ne_Scalar.Invoke(this, target);
        public Tensor ne(Tensor target) => target is null ? tensor(true) : Aten.ne_Tensor.Invoke(this, target);
        public Tensor ne_(Scalar target) => Within(Aten.ne__Scalar, this, target);
        public Tensor ne_(Tensor target) => Within(Aten.ne__Tensor, this, target);
        public Tensor lt(Scalar target) => Aten.lt_Scalar.Invoke(this, target);
        public Tensor lt(Tensor target) => Aten.lt_Tensor.Invoke(this, target);
        public Tensor lt_(Scalar target) => Within(Aten.lt__Scalar, this, target);
        public Tensor lt_(Tensor target) => Within(Aten.lt__Tensor, this, target);
        public Tensor le(Scalar target) => Aten.le_Scalar.Invoke(this, target);
        public Tensor le(Tensor target) => Aten.le_Tensor.Invoke(this, target);
        public Tensor le_(Scalar target) => Within(Aten.le__Scalar, this, target);
        public Tensor le_(Tensor target) => Within(Aten.le__Tensor, this, target);
        public Tensor gt(Scalar target) => Aten.gt_Scalar.Invoke(this, target);
        public Tensor gt(Tensor target) => Aten.gt_Tensor.Invoke(this, target);
        public Tensor gt_(Scalar target) => Within(Aten.gt__Scalar, this, target);
        public Tensor gt_(Tensor target) => Within(Aten.gt__Tensor, this, target);
        public Tensor ge(Scalar target) => Aten.ge_Scalar.Invoke(this, target);
        public Tensor ge(Tensor target) => Aten.ge_Tensor.Invoke(this, target);
        public Tensor ge_(Scalar target) => Within(Aten.ge__Scalar, this, target);
        public Tensor ge_(Tensor target) => Within(Aten.ge__Tensor, this, target);
        public Tensor greater(Tensor target) => Aten.greater_Tensor.Invoke(this, target);
        public Tensor greater_equal(Tensor target) => Aten.greater_equal_Tensor.Invoke(this, target);
        public Tensor less(Tensor target) => Aten.less_Tensor.Invoke(this, target);
        public Tensor less_equal(Tensor target) => Aten.less_equal_Tensor.Invoke(this, target);
        public Tensor not_equal(Tensor target) => Aten.not_equal_Tensor.Invoke(this, target);
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) => Aten.isclose.Invoke(this, other, rtol, atol, nanEqual);
        public Tensor isfinite() => Aten.isfinite.Invoke(this);
        public Tensor isinf() => Aten.isinf.Invoke(this);
        public Tensor isnan() => Aten.isnan.Invoke(this);
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) => Aten.isin_Tensor_Tensor.Invoke(this, test_elements, assumeUnique, invert);
        public Tensor isposinf() => Aten.isposinf.Invoke(this);
        public Tensor isneginf() => Aten.isneginf.Invoke(this);
        public Tensor logical_and(Tensor other) => Aten.logical_and.Invoke(this, other);
        public Tensor logical_and_(Tensor other) => Within(Aten.logical_and_, this, other);
        public Tensor logical_or(Tensor other) => Aten.logical_or.Invoke(this, other);
        public Tensor logical_or_(Tensor other) => Within(Aten.logical_or_, this, other);
        public Tensor logical_xor(Tensor other) => Aten.logical_xor.Invoke(this, other);
        public Tensor logical_xor_(Tensor other) => Within(Aten.logical_xor_, this, other);
        public Tensor logical_not() => Aten.logical_not.Invoke(this);
        public Tensor logical_not_() => Within(Aten.logical_not_, this);
        public Tensor bitwise_and(Tensor other) => Aten.bitwise_and_Tensor.Invoke(this, other);
        public Tensor bitwise_and_(Tensor other) => Within(Aten.bitwise_and__Tensor, this, other);
        public Tensor bitwise_or(Tensor other) => Aten.bitwise_or_Tensor.Invoke(this, other);
        public Tensor bitwise_or_(Tensor other) => Within(Aten.bitwise_or__Tensor, this, other);
        public Tensor bitwise_xor(Tensor other) => Aten.bitwise_xor_Tensor.Invoke(this, other);
        public Tensor bitwise_xor_(Tensor other) => Within(Aten.bitwise_xor__Tensor, this, other);
        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) => Aten.allclose.InvokeBool(this, target, rtol, atol, equal_nan);
        public Tensor where(Tensor condition, Tensor y) => Aten.where_self.Invoke(this, condition, y);
        public Tensor nonzero() => Aten.nonzero.Invoke(this);
        public Tensor argwhere() => Aten.argwhere.Invoke(this);
        public Tensor equal(Tensor target) => eq(target);
    }
}
