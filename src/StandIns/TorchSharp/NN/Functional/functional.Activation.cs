using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator DropOut = new("aten::dropout");
            private static readonly Operator DropOutInPlace = new("aten::dropout_");
            private static readonly Operator Softmax = new("aten::softmax", "int");
            private static readonly Operator LogSoftmax = new("aten::log_softmax", "int");

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                => (inplace ? DropOutInPlace : DropOut).Invoke(input, p, training);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null)
                => Softmax.Invoke(input, dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => LogSoftmax.Invoke(x, dim, Value.None);
        }
    }
}
