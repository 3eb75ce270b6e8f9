using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using MoCo.Imaging;
using MoCo.Loading;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Features;

public sealed class FeatureSetTests
{
    private static readonly AugmentationRecipe Recipe = AugmentationRecipe.Evaluation(8);

    [Theory]
    [InlineData(100)]
    [InlineData(7)]
    public void Features_stand_in_the_source_s_order_with_their_labels(int batchSize)
    {
        SyntheticImages source = new(30);
        using Pixels encoder = new();
        using FeatureSet features = FeatureSet.Extract(encoder, source, Recipe, batchSize);

        Assert.Equal((30, 64), (features.Count, features.Dimension));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => i % 4), features.Labels);
        float[] values = Values(features.Features);
        ImageBuffer image = new();
        float[] view = new float[64];
        for (int index = 0; index < 30; index++)
        {
            source.Read(index, image);
            SampleRandom random = new(0, 0, index, 0);
            Recipe.Apply(image, view, new AugmentationScratch(), ref random);
            Assert.Equal(view, values.AsSpan(index * 64, 64).ToArray());
        }
    }

    /// <summary>What a pass takes lies beside a training step's gaps: the process held both until its end.</summary>
    [Fact]
    public void The_memory_of_a_pass_is_given_back_with_what_a_step_left()
    {
        TorchLibrary.Load();
        Assert.SkipWhen(TensorMemory.Pool is null, "the pool is for Linux");
        using (Tensor step = ones(64 << 20)) { } // 256 MiB, which the pool keeps
        long left = Resident();
        using Large encoder = new();
        using (FeatureSet.Extract(encoder, new SyntheticImages(4), Recipe, 4)) { }
        Assert.InRange(encoder.Meanwhile, 0, left);
        Assert.InRange(Resident(), 0, left - (128 << 20));
    }

    [Fact]
    public void Nothing_changes_neither_modes_nor_buffers_nor_random_numbers_nor_the_number_of_tensors()
    {
        using WithBatchNorm encoder = new();
        encoder.train();
        encoder.Frozen.eval();
        Dictionary<string, byte[]> state = encoder.state_dict().ToDictionary(entry => entry.Key, entry => Bytes(entry.Value));
        byte[] generator = RandomBytes();
        long before = LiveTensors.Settled();

        using (FeatureSet features = FeatureSet.Extract(encoder, new SyntheticImages(40), Recipe, 16))
            Assert.False(features.Features.requires_grad);

        Assert.Equal(before, Tensor.TotalCount);
        Assert.True(encoder.training);
        Assert.True(encoder.Active.training);
        Assert.False(encoder.Frozen.training);
        Assert.All(encoder.state_dict(), entry => Assert.Equal(state[entry.Key], Bytes(entry.Value)));
        Assert.Equal(generator, RandomBytes());
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void The_modes_are_restored_after_a_failure_too()
    {
        using WithBatchNorm encoder = new();
        encoder.train();
        SyntheticImages source = new(40);
        source.Broken.Add(33);
        long before = LiveTensors.Settled();

        Assert.Equal(33, Assert.Throws<LoaderException>(
            () => FeatureSet.Extract(encoder, source, Recipe, 16, maximumErrorShare: 0)).Index);

        Assert.True(encoder.Active.training);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Images_that_cannot_be_read_are_left_out_and_labels_and_indices_follow()
    {
        SyntheticImages source = new(200);
        source.Broken.UnionWith([0, 77]);
        using Pixels encoder = new();
        long before = LiveTensors.Settled();

        using (FeatureSet features = FeatureSet.Extract(encoder, source, Recipe, 16))
        {
            List<int> left = Enumerable.Range(0, 200).Except([0, 77]).ToList();
            Assert.Equal(left, features.Indices);
            Assert.Equal(left.Select(index => index % 4), features.Labels);
            using FeatureSet sound = FeatureSet.Extract(encoder, new SyntheticImages(200), Recipe, 16);
            Assert.Null(sound.Indices);
            Assert.Equal(Values(sound.Features).Skip(78 * 64).Take(64), Values(features.Features).Skip(76 * 64).Take(64));
        }
        using (FeatureSet pixels = FeatureSet.Pixels(source, 8))
            Assert.Equal(198, pixels.Labels!.Count);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void How_many_images_may_be_unreadable_can_be_said()
    {
        SyntheticImages source = new(100);
        source.Broken.UnionWith(Enumerable.Range(0, 12));
        using Pixels encoder = new();

        string message = Assert.Throws<LoaderException>(() => FeatureSet.Extract(encoder, source, Recipe)).Message;
        Assert.Contains("at most 10, or 1.00 %, are allowed (LoaderOptions.MaximumErrorShare)", message, StringComparison.Ordinal);
        Assert.Throws<LoaderException>(() => FeatureSet.Pixels(source, 8));
        using FeatureSet features = FeatureSet.Extract(encoder, source, Recipe, maximumErrorShare: 0.12);
        using FeatureSet pixels = FeatureSet.Pixels(source, 8, maximumErrorShare: 0.12);
        Assert.Equal((88, 88), (features.Count, pixels.Count));
    }

    [Fact]
    public void One_image_without_a_label_leaves_the_others_theirs()
    {
        using TemporaryFolder folder = new();
        string path = ShardFile.Write(
            folder, "a.tar", ("1.jpg", "one"), ("1.cls", "1"), ("2.jpg", "two"), ("3.jpg", "tre"), ("3.cls", "0"));
        TarShards shards = new(path, ByteDecoder.Options);
        using nn.Module<Tensor, Tensor> flat = nn.Flatten();
        using SingleViewLoader loader = new(shards, AugmentationRecipe.Evaluation(8), new() { BatchSize = 2, Shuffle = false });
        using FeatureSet features = FeatureSet.Extract(flat, loader);

        Assert.Equal([1, FeatureSet.Unlabelled, 0], features.Labels);
        Accuracy found = KnnClassifier.Evaluate(features, features, neighbours: 1);
        Assert.Equal((2, 2), (found.Correct, found.Total));
    }

    [Fact]
    public void A_stream_s_features_are_those_of_a_source_with_a_loader_and_without()
    {
        using Pixels encoder = new();
        using SingleViewLoader loader = new(new SyntheticStream(30), Recipe, new() { BatchSize = 8, Shuffle = false });
        using FeatureSet features = FeatureSet.Extract(encoder, loader);
        using FeatureSet alone = FeatureSet.Extract(encoder, new SyntheticStream(30), Recipe);
        using FeatureSet expected = FeatureSet.Extract(encoder, new SyntheticImages(30), Recipe);

        Assert.Equal(Values(expected.Features), Values(features.Features));
        Assert.Equal(Values(expected.Features), Values(alone.Features));
        Assert.Equal(expected.Labels, features.Labels);
    }

    [Fact]
    public void Raw_pixels_are_the_image_scaled_to_one()
    {
        SyntheticImages source = new(20, side: 6, channels: 3, classes: 0);
        using FeatureSet features = FeatureSet.Pixels(source, 6, workers: 2);

        Assert.Equal((20, 108), (features.Count, features.Dimension));
        Assert.Null(features.Labels);
        ImageBuffer image = new();
        source.Read(13, image);
        Assert.Equal(image.Pixels.ToArray().Select(value => value / 255f), Values(features.Features).Skip(13 * 108).Take(108));
    }

    [Fact]
    public void Errors_are_named()
    {
        using Identity encoder = new();
        Assert.Contains("gives 5×D for 5 views, found 5×1×8×8",
            Assert.Throws<ArgumentException>(() => FeatureSet.Extract(encoder, new SyntheticImages(5), Recipe))
            .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureSet.Extract(encoder, new SyntheticImages(5), Recipe, batchSize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureSet.Extract(encoder, new SyntheticImages(5), Recipe, workers: 0));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => FeatureSet.Extract(encoder, new SyntheticImages(5), Recipe, cancellationToken: cancelled.Token));
    }

    [Fact]
    public void A_feature_set_checks_what_it_is_given()
    {
        using Tensor features = ones(3, 2);
        Assert.Contains("N×D, found 6", Assert.Throws<ArgumentException>(() => new FeatureSet(ones(6), null))
            .Message, StringComparison.Ordinal);
        Assert.Contains("Expected 3 labels", Assert.Throws<ArgumentException>(() => new FeatureSet(features, [1, 2]))
            .Message, StringComparison.Ordinal);
        Assert.Contains("0 or more, or -1 where there is none, found -2",
            Assert.Throws<ArgumentException>(() => new FeatureSet(features, [1, -2, -1])).Message, StringComparison.Ordinal);
        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => new FeatureSet(ones(3, 2, dtype: ScalarType.Float64), null))
            .Message, StringComparison.Ordinal);
    }

    private static float[] Values(Tensor tensor) => tensor.ToFloats();

    private static byte[] Bytes(Tensor tensor) => tensor.AllBytes();

    private static long Resident() => Environment.WorkingSet;

    /// <summary>Holds 128 MiB while it passes, and notes what the process then does.</summary>
    private sealed class Large() : nn.Module<Tensor, Tensor>(nameof(Large))
    {
        public long Meanwhile { get; private set; }

        public override Tensor forward(Tensor input)
        {
            using Tensor large = ones(32 << 20);
            Meanwhile = Resident();
            return input.flatten(1);
        }
    }

    private sealed class Identity() : nn.Module<Tensor, Tensor>("identity")
    {
        public override Tensor forward(Tensor input) => input.alias();
    }

    private sealed class Pixels() : nn.Module<Tensor, Tensor>("pixels")
    {
        public override Tensor forward(Tensor input)
        {
            using Tensor rows = input.permute(0, 2, 3, 1);
            return rows.reshape(input.shape[0], 64);
        }
    }

    private sealed class WithBatchNorm : nn.Module<Tensor, Tensor>
    {
        internal readonly nn.Module<Tensor, Tensor> Active = new SplitBatchNorm2d(1, 1);
        internal readonly nn.Module<Tensor, Tensor> Frozen = new SplitBatchNorm2d(1, 1);

        internal WithBatchNorm()
            : base("with batch norm") => RegisterComponents();
        public override Tensor forward(Tensor input)
        {
            using Tensor first = Active.call(input);
            using Tensor second = Frozen.call(first);
            return second.flatten(1);
        }
    }

    [Theory]
    [InlineData(28, 512)]
    [InlineData(64, 512)]
    [InlineData(96, 227)]
    [InlineData(224, 41)]
    [InlineData(5000, 1)]
    public void The_larger_the_views_the_fewer_pass_at_a_time(int size, int expected)
    {
        Assert.Equal(expected, FeatureSet.UsualBatchSize(size));
        Assert.Equal(Math.Clamp((1 << 24) / (size * size), 1, 512),
            FeatureSet.UsualBatchSize(size, META));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureSet.UsualBatchSize(0));
    }
}
