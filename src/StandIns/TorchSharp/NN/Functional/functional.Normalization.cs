using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator BatchNorm = new("aten::batch_norm");
            private static readonly Operator Norm = new("aten::norm", "ScalarOpt_dim");
            private static readonly Operator ClampMin = new("aten::clamp_min");
            private static readonly Operator Divide = new("aten::div", "Tensor");
            private static readonly Operator CosineSimilarity = new("aten::cosine_similarity");

            // cuDNN stays off, as in the real package
            public static Tensor batch_norm(Tensor input, Tensor running_mean, Tensor running_var, Tensor weight = null, Tensor bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5)
                => BatchNorm.Invoke(input, weight, bias, running_mean, running_var, training, momentum, eps, false);

            /// <summary>x / max(‖x‖ₚ, ε) along one dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1, double eps = 1e-12)
            {
                using var norm = Norm.Invoke(input, p, new[] { dim }, true);
                using var bounded = ClampMin.Invoke(norm, eps);
                return Divide.Invoke(input, bounded);
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8)
                => CosineSimilarity.Invoke(x1, x2, dim, eps);
        }
    }
}
