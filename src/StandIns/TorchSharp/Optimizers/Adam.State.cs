using static TorchSharp.torch;

namespace TorchSharp.Modules;

public partial class Adam
{
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;
        public Tensor max_exp_avg_sq;

        public State(Parameter parameter) : base(parameter) { }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            exp_avg = ZerosLikeParameter();
            exp_avg_sq = ZerosLikeParameter();
            max_exp_avg_sq = ((Options)options).amsgrad.Value ? ZerosLikeParameter() : null;
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg.Load(reader);
            exp_avg_sq.Load(reader);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            Dispose();
            step = other.step;
            exp_avg = other.exp_avg.to(_parameter.device, copy: true);
            exp_avg_sq = other.exp_avg_sq.to(_parameter.device, copy: true);
            max_exp_avg_sq = other.max_exp_avg_sq?.to(_parameter.device, copy: true);
        }

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State state && step == state.step
                && exp_avg.allclose(state.exp_avg)
                && exp_avg_sq.allclose(state.exp_avg_sq)
                && (max_exp_avg_sq is null || max_exp_avg_sq.allclose(state.max_exp_avg_sq));

        public override void to(Device device)
        {
            exp_avg = exp_avg.to(device, disposeAfter: true);
            exp_avg_sq = exp_avg_sq.to(device, disposeAfter: true);
            max_exp_avg_sq = max_exp_avg_sq?.to(device, disposeAfter: true);
        }

        public void Dispose()
        {
            exp_avg?.Dispose();
            exp_avg_sq?.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        /// <summary>One step along the mean gradient, divided by the root of the mean square; both corrected for their start at zero.</summary>
        internal void Apply(Tensor grad, Options options)
        {
            step++;
            double beta1 = options.beta1.Value, beta2 = options.beta2.Value;
            exp_avg.mul_(beta1).add_(grad, alpha: 1 - beta1);
            exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value: 1 - beta2);
            if (options.amsgrad.Value)
            {
                using var previous = max_exp_avg_sq;
                max_exp_avg_sq = maximum(previous, exp_avg_sq).DetachFromDisposeScope();
            }
            double correction1 = 1 - Math.Pow(beta1, step);
            double correction2 = 1 - Math.Pow(beta2, step);
            var denominator = (max_exp_avg_sq ?? exp_avg_sq).sqrt().div_(Math.Sqrt(correction2)).add_(options.eps.Value);
            _parameter.addcdiv_(exp_avg, denominator, value: -options.LearningRate.Value / correction1);
        }

        private Tensor ZerosLikeParameter() => zeros_like(_parameter).DetachFromDisposeScope();
    }
}
