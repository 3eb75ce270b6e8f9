using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private const long NoIgnoredClass = -100;

            private static readonly Operator CrossEntropy = new("aten::cross_entropy_loss");
            private static readonly Operator NegativeLogLikelihood = new("aten::nll_loss_nd");
            private static readonly Operator MeanSquaredError = new("aten::mse_loss");
            private static readonly Operator OneHot = new("aten::one_hot");

            /// <summary>Log-softmax and negative log-likelihood in one: logits N×C, targets N (indices) or N×C (probabilities).</summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0)
                => CrossEntropy.Invoke(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean)
                => NegativeLogLikelihood.Invoke(input, target, weight, (long)reduction, NoIgnoredClass);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                => MeanSquaredError.Invoke(input, target, (long)reduction);

            public static Tensor one_hot(Tensor x, long num_classes = -1)
            {
                if (x.dtype != ScalarType.Int64)
                    throw new ArgumentException("OneHot input tensor must have elements of type Int64");
                return OneHot.Invoke(x, num_classes);
            }
        }
    }
}
