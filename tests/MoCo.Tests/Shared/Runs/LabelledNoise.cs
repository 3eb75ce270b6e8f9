using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>Labelled 8×8 images of noise about one image for each class, as batches.</summary>
internal sealed class LabelledNoise(int count, int classes, int batch, double spread = 0.5)
{
    /// <summary>Epochs that were asked for, in order.</summary>
    public List<int> Epochs { get; } = [];

    public LabelledBatches Batches(bool heldOut = false) => new()
    {
        Classes = classes,
        Training = epoch =>
        {
            Epochs.Add(epoch);
            return Make(10 + epoch);
        },
        Test = () => Make(1),
        HeldOut = heldOut ? () => Make(2) : null,
    };

    public IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> Make(int seed)
    {
        using FeatureSet set = Scattered.Set(count, 64, classes, seed, spread);
        for (int start = 0; start < count; start += batch)
        {
            int size = Math.Min(batch, count - start);
            using Tensor rows = set.Features.narrow(0, start, size);
            using Tensor views = rows.view(size, 1, 8, 8);
            yield return (views, set.Labels!.Skip(start).Take(size).ToArray());
        }
    }

    /// <summary>A convolution with BatchNorm and, between, numbers from torch's default generator.</summary>
    internal sealed class Network : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> conv = nn.Conv2d(1, 8, 3);
        private readonly nn.Module<Tensor, Tensor> bn = new SplitBatchNorm2d(8, 1);

        internal Network(int seed)
            : base("network")
        {
            RegisterComponents();
            using Generator generator = new((ulong)seed, CPU);
            using IDisposable constant = no_grad();
            foreach (Parameter parameter in parameters())
            {
                using Tensor values = randn(parameter.shape, generator: generator);
                parameter.copy_(values.Times(0.3));
            }
        }
        internal bool Drifts { get; set; }

        internal int Width { get; set; } = 8 * 36;

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            _ = rand(3); // what dropout would draw
            if (Drifts)
            {
                using IDisposable constant = no_grad();
                parameters().First().copy_(parameters().First().Plus(1e-7));
            }
            return bn.call(conv.call(input)).relu().flatten(1).narrow(1, 0, Width).MoveToOuterDisposeScope();
        }
    }
}
