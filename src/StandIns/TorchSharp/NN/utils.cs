using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Functions over many parameters at once.</summary>
        public static partial class utils
        {
            private static readonly Operator SetData = new("aten::set_data");

            /// <summary>Scales the gradients so that their common norm is at most max_norm; gives the norm before that.</summary>
            public static double clip_grad_norm_(IEnumerable<Modules.Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                var gradients = tensors.Select(parameter => parameter.grad).Where(grad => grad is not null).ToList();
                if (gradients.Count == 0)
                    return 0;

                var norms = stack([.. gradients.Select(grad => NormOf(grad, norm_type))]);
                double total = NormOf(norms, norm_type).to(ScalarType.Float64).item<double>();
                double factor = max_norm / (total + 1e-6);
                if (factor < 1 || double.IsNaN(factor))
                {
                    using var scale = factor.ToScalar();
                    foreach (var grad in gradients)
                        grad.mul_(scale);
                }
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Modules.Parameter> tensors, double clip_value)
            {
                using var noGrad = no_grad();
                using var low = (-clip_value).ToScalar();
                using var high = clip_value.ToScalar();
                foreach (var parameter in tensors)
                {
                    using var grad = parameter.grad;
                    grad?.clamp_(low, high);
                }
            }

            /// <summary>All parameters, flattened, one after another.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Modules.Parameter> tensors)
            {
                var flat = tensors.Select(parameter => parameter.view(-1)).ToArray();
                var vector = cat(flat);
                foreach (var part in flat)
                    part.Dispose();
                return vector;
            }

            /// <summary>Makes each parameter a view of its part of the vector: they share its memory from then on.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Modules.Parameter> tensors)
            {
                using var data = vec.detach();
                long start = 0;
                foreach (var parameter in tensors)
                {
                    long count = parameter.numel();
                    using var part = data.narrow(0, start, count);
                    using var shaped = part.view_as(parameter);
                    SetData.Run(parameter, shaped);
                    start += count;
                }
            }

            private static Tensor NormOf(Tensor tensor, double norm_type)
            {
                using var magnitudes = tensor.abs();
                if (double.IsPositiveInfinity(norm_type))
                    return magnitudes.max();
                using var exponent = norm_type.ToScalar();
                using var inverse = (1 / norm_type).ToScalar();
                using var powers = magnitudes.pow(exponent);
                using var sum = powers.sum();
                return sum.pow(inverse);
            }
        }
    }
}
