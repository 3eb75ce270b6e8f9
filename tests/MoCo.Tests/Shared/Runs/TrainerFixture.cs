using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using MoCo.Imaging;
using MoCo.Loading;
using MoCo.Optimization;

namespace MoCo.Tests.Shared.Runs;

/// <summary>A run small enough for tests: 16×16 noise, a narrow ResNet-10, K 64.</summary>
internal static class TrainerFixture
{
    /// <summary>Stages of one block each, with and without a convolution beside it: a step takes three fifths of ResNet-18's.</summary>
    public static Backbone ResNet10 { get; } = Backbone.Add(nameof(ResNet10), new ResNetArchitecture(false, [1, 1, 1, 1]));

    public static MoCoOptions Options { get; } = new()
    {
        Encoder = new()
        {
            Backbone = ResNet10,
            Stem = Stem.SmallImageStride2,
            InputChannels = 1,
            Width = 0.125,
            EmbeddingDimension = 16,
            BatchNormSplits = 2
        },
        Queue = new() { Length = 64 },
        KeyEncoder = new() { Momentum = 0.9 },
        Loss = new() { Temperature = 0.2 },
        BatchSize = 12,
        Epochs = 3,
        Optimizer = new() { LearningRate = 0.05 },
        Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.5 },
        Seed = 7,
    };

    public static TwoCropLoader Loader(MoCoOptions? options = null, IImageSource? source = null, int workers = 2)
        => new(source ?? new NoiseImages(58), AugmentationRecipe.Grey(16), (options ?? Options).Loader() with { Workers = workers });

    /// <summary>Grey noise, a pure function of the index; the label is the index mod 3.</summary>
    public sealed class NoiseImages(int count, int channels = 1) : IImageSource
    {
        /// <summary>Which images cannot be read.</summary>
        public Func<int, bool> IsUnreadable { get; init; } = _ => false;

        public string Name => "noise";

        public int Count => count;

        public int Channels => channels;

        public SourceErrors Errors { get; } = new();

        public IReadOnlyList<string> Classes { get; } = ["a", "b", "c"];

        public int? Label(int index) => index % 3;

        public void Read(int index, ImageBuffer into)
        {
            if (IsUnreadable(index)) throw new InvalidDataException("planted");
            into.Resize(16, 16, channels);
            new Random(index).NextBytes(into.Pixels);
        }
    }
}
