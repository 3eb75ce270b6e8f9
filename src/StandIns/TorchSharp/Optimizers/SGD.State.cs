using static TorchSharp.torch;

namespace TorchSharp.Modules;

public partial class SGD
{
    public sealed class State : OptimizerState, IDisposable
    {
        public Tensor momentum_buffer;

        public State(Parameter parameter) : base(parameter) { }

        // The buffer starts as the first gradient and not as zeros.
        public override void Initialize(OptimizerOptions options) => Replace(null);

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public override void LoadStateDict(BinaryReader reader)
            => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

        public override void LoadStateDict(OptimizerState source)
            => Replace(((State)source).momentum_buffer?.to(_parameter.device, copy: true));

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State state && (momentum_buffer is null || momentum_buffer.allclose(state.momentum_buffer));

        public override void to(Device device) => momentum_buffer = momentum_buffer?.to(device, disposeAfter: true);

        public void Dispose() => momentum_buffer?.Dispose();

        private void Replace(Tensor buffer)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = buffer;
        }
    }
}
