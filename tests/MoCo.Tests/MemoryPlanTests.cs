using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using MoCo.Loading;
using MoCo.Optimization;

namespace MoCo.Tests;

public sealed class MemoryPlanTests
{
    private static readonly MoCoOptions Small = MoCoOptions.Cifar with
    {
        Encoder = MoCoOptions.Cifar.Encoder with { BatchNormSplits = 1 },
        BatchSize = 64,
    };

    [Theory]
    [InlineData(nameof(Backbone.ResNet18), Stem.SmallImage, 32, 32, false)]
    [InlineData(nameof(Backbone.ResNet50), Stem.ImageNet, 96, 8, false)]
    [InlineData(nameof(Backbone.ResNet50), Stem.ImageNet, 96, 16, true)]
    public void The_plan_is_near_the_memory_that_a_process_takes(string backbone, Stem stem, int size, int batch, bool checkpointing)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The plan's measured parts are those of Linux.");
        EncoderOptions encoder = Small.Encoder with { Backbone = Backbone.Of(backbone), Stem = stem };
        MoCoOptions options = Small with { Encoder = encoder, BatchSize = batch, GradientCheckpointing = checkpointing };
        (long measured, long faults) = MemoryPeakProgram.Of(options, size);
        Assert.InRange((double)MemoryPlan.Of(options, size).Peak / measured, 1 / 1.2, 1.2);
        // A step's activations lie where those of the step before did: hundreds of MB, 4 KiB a page, are not taken anew.
        Assert.InRange(faults, 0, 10_000);
    }

    [Fact]
    public void Parameters_queue_and_views_are_counted_as_by_hand()
    {
        MoCoOptions options = MoCoOptions.V1 with { Encoder = MoCoOptions.V1.Encoder with { Backbone = Backbone.ResNet18 } };
        MemoryPlan plan = MemoryPlan.Of(options, 224, new LoaderOptions { PrefetchBatches = 3 });
        // torchvision's 11,689,512 without its classifier of 512 x 1000 + 1000, and with the head of 512 x 128 + 128
        long network = 4 * (11_689_512 - 513_000 + 65_664);
        foreach (string part in (string[])["parameters", "gradients", "momentum of SGD", "key encoder"])
            Assert.Equal(network, Bytes(plan, part));
        Assert.Equal(65536 * 128 * 4, Bytes(plan, "dictionary"));
        // two views of a batch, three batches ahead and one in the trainer's hands
        Assert.Equal(2L * 256 * 3 * 224 * 224 * 4 * 4, Bytes(plan, "views"));
        Assert.Equal(plan.Peak, plan.Parts.Sum(part => part.Bytes));
    }

    [Fact]
    public void Small_views_are_counted_with_the_pass_that_they_take_together()
    {
        MemoryPlan plain = MemoryPlan.Of(Small, 32), crops = MemoryPlan.Of(Small, 32, small: (4, 16));
        Assert.Equal(Bytes(plain, "views") + 4L * 64 * 4 * 3 * 16 * 16, Bytes(crops, "views"));
        // Four views of a quarter of the pixels keep what one of the large ones does, and their own copy.
        Assert.Equal(2 * Bytes(plain, MemoryPlan.ActivationsPart) + 4L * 64 * 4 * 3 * 16 * 16, Bytes(crops, MemoryPlan.ActivationsPart));
        Assert.Equal(Bytes(crops, MemoryPlan.ActivationsPart), crops.Activations.Sum(layer => layer.Bytes));
        Assert.True(crops.Peak > plain.Peak);
        Assert.True(crops.LargestBatch(plain.Peak) < 64);
        Assert.Equal(plain.Parts, MemoryPlan.Of(Small, 32, small: (0, 16)).Parts);
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlan.Of(Small, 32, small: (2, 0)));
    }

    [Fact]
    public void The_plan_with_small_views_is_near_the_memory_that_a_process_takes()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The plan's measured parts are those of Linux.");
        EncoderOptions encoder = Small.Encoder with { Backbone = Backbone.ResNet50, Stem = Stem.ImageNet };
        MoCoOptions options = Small with { Encoder = encoder, BatchSize = 8 };
        (long measured, long _) = MemoryPeakProgram.Of(options, 96, small: (4, 48));
        Assert.InRange((double)MemoryPlan.Of(options, 96, small: (4, 48)).Peak / measured, 1 / 1.2, 1.2);
    }

    [Fact]
    public void A_batch_in_parts_takes_the_activations_of_one_and_AdamW_keeps_two_averages()
    {
        MoCoOptions options = MoCoOptions.Cifar with { Optimizer = new() { Kind = OptimizerKind.AdamW } };
        MemoryPlan whole = MemoryPlan.Of(options, 32), parts = MemoryPlan.Of(options with { MicroBatches = 4 }, 32);
        Assert.Equal(Bytes(whole, MemoryPlan.ActivationsPart), 4 * Bytes(parts, MemoryPlan.ActivationsPart));
        Assert.Equal(Bytes(whole, "views"), Bytes(parts, "views"));
        Assert.Equal(2 * Bytes(whole, "parameters"), Bytes(whole, "averages of AdamW"));
    }

    [Theory]
    [InlineData(nameof(Backbone.ResNet34), Stem.SmallImage, HeadKind.Mlp, 0.0625)]
    [InlineData(nameof(Backbone.ResNet101), Stem.ImageNet, HeadKind.BatchNormMlp, 0.0625)]
    [InlineData(nameof(Backbone.ResNet50Wide2), Stem.ImageNet, HeadKind.Linear, 0.125)]
    [InlineData(nameof(Backbone.WideResNet50), Stem.SmallImageStride2, HeadKind.Direct, 0.125)]
    public void Parameters_are_those_of_the_network(string backbone, Stem stem, HeadKind head, double width)
    {
        EncoderOptions encoder = new()
        {
            Backbone = Backbone.Of(backbone),
            Stem = stem,
            Head = head,
            Width = width,
            EmbeddingDimension = 16,
            HiddenDimension = 24,
        };
        using Encoder made = Encoder.Create(encoder);
        MemoryPlan plan = MemoryPlan.Of(MoCoOptions.V1 with { Encoder = encoder }, 64);
        Assert.Equal(made.parameters().Sum(parameter => parameter.NumberOfElements) * 4, Bytes(plan, "parameters"));
        Assert.Equal(2 * made.Backbone.buffers().Sum(buffer => buffer.NumberOfElements * buffer.element_size()),
            Bytes(plan, "BatchNorm's statistics"));
    }

    [Fact]
    public void Layers_keep_what_backward_reads()
    {
        IReadOnlyList<(string Name, long Bytes)> small = MemoryPlan.Of(Small, 32).Activations;
        long layer = 64L * 64 * 32 * 32 * 4; // batch, channels, pixels, float32
        Assert.Equal(("stem", 2 * layer), small[0]);
        Assert.Equal(("layer1.0", 4 * layer), small[1]);
        // half the size: a quarter of the pixels in twice the channels; the shortcut's convolution is kept, its BatchNorm's result is not
        Assert.Equal(("layer2.0", 5 * layer / 2), small[3]);
        Assert.Equal(["stem", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1", "layer4.0", "layer4.1"],
            small.Select(part => part.Name));

        MoCoOptions large = Small with { Encoder = Small.Encoder with { Stem = Stem.ImageNet } };
        // 7x7 and BatchNorm at 112x112; the pool's result at 56x56, and where each of its numbers stood
        Assert.Equal(64L * 64 * (2 * 112 * 112 * 4 + 56 * 56 * (4 + 8)), MemoryPlan.Of(large, 224).Activations[0].Bytes);
    }

    [Fact]
    public void Checkpointing_keeps_what_goes_into_the_stages_and_the_last_stages_layers()
    {
        IReadOnlyList<(string Name, long Bytes)> all = MemoryPlan.Of(Small, 32).Activations;
        IReadOnlyList<(string Name, long Bytes)> few = MemoryPlan.Of(Small with { GradientCheckpointing = true }, 32).Activations;
        long layer = 64L * 64 * 32 * 32 * 4; // batch, channels, pixels, float32
        Assert.Equal([new("stem", layer), new("layer1", layer), new("layer2", layer / 2), new("layer3", layer / 4), .. all.Skip(7)], few);
    }

    [Fact]
    public void Every_byte_that_a_pass_takes_is_given_back()
    {
        foreach (Backbone backbone in ResNetArchitecture.All)
            foreach (Stem stem in Enum.GetValues<Stem>())
                foreach (Precision precision in Enum.GetValues<Precision>())
                    foreach (int splits in (int[])[1, 4])
                    {
                        ResNetShape shape = ResNetShape.Of(new EncoderOptions { Backbone = backbone, Stem = stem }, 61);
                        PassMemory learning = PassMemory.Learning(shape, 8, precision, splits);
                        PassMemory constant = PassMemory.Constant(shape, 8, precision, splits);
                        PassMemory checkpointed = PassMemory.Checkpointed(shape, 8, precision, splits);
                        Assert.Equal((0, 0, 0), (learning.Left, constant.Left, checkpointed.Left));
                        Assert.InRange(checkpointed.Kept.Sum(layer => layer.Bytes), 1, learning.Kept.Sum(layer => layer.Bytes) - 1);
                        Assert.InRange(checkpointed.Peak, constant.Peak, learning.Peak - 1);
                        Assert.InRange(learning.Kept.Sum(layer => layer.Bytes), 1, learning.Peak);
                        Assert.InRange(constant.Peak, 1, learning.Peak);
                    }
    }

    [Fact]
    public void The_largest_batch_fits_and_one_more_does_not()
    {
        int before = 0;
        foreach (long memory in (long[])[1_000_000_000, 2_000_000_000, 8_000_000_000])
        {
            int largest = MemoryPlan.Of(Small, 32).LargestBatch(memory)!.Value;
            Assert.True(largest > before);
            Assert.True(MemoryPlan.Of(Small with { BatchSize = largest }, 32).Peak <= memory);
            Assert.True(MemoryPlan.Of(Small with { BatchSize = largest + 1 }, 32).Peak > memory);
            before = largest;
        }
        MoCoOptions half = Small with { Precision = Precision.BFloat16 };
        Assert.True(MemoryPlan.Of(half, 32).LargestBatch(2_000_000_000) > MemoryPlan.Of(Small, 32).LargestBatch(2_000_000_000));
        Assert.Null(MemoryPlan.Of(Small, 32).LargestBatch(100_000_000));
        // More keys than a queue holds can't enter it.
        MoCoOptions both = Small with { Loss = Small.Loss with { Symmetric = SymmetricLoss.Sum } };
        Assert.Equal((4096, 2048),
            (MemoryPlan.Of(Small, 8).LargestBatch(long.MaxValue), MemoryPlan.Of(both, 8).LargestBatch(long.MaxValue)));
    }

    [Fact]
    public void An_online_probe_counts_with_gradients_and_momentum()
    {
        MemoryPlan plan = MemoryPlan.Of(Small with { Probe = new() { Classes = 1000 } }, 32);
        Assert.Equal(3 * 4 * 513 * 1000, plan.Peak - MemoryPlan.Of(Small, 32).Peak);
        Assert.Equal(3 * 4 * 513 * 1000, Bytes(plan, "online probe"));
    }

    [Fact]
    public void Checkpoints_methods_and_sharing_count()
    {
        MemoryPlan plain = MemoryPlan.Of(Small, 32), saving = MemoryPlan.Of(Small, 32, savesCheckpoints: true);
        // parameters, momentum of SGD, key encoder, BatchNorm's statistics and the queue
        Assert.Equal(3 * Bytes(plain, "parameters") + Bytes(plain, "BatchNorm's statistics") + Bytes(plain, "dictionary"),
            saving.Peak - plain.Peak);
        Assert.Equal(2 * Bytes(plain, "parameters"), Bytes(Of(MethodKind.EndToEnd), "parameters"));
        Assert.Equal(2 * Bytes(plain, "activations"), Bytes(Of(MethodKind.SimClr), "activations"));
        MoCoOptions shared = Small with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared } };
        Assert.Equal(0, Bytes(MemoryPlan.Of(shared, 32), "key encoder"));
        MoCoOptions partly = Small with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 1 } };
        // 3x3 stem and four 3x3 convolutions of 64 channels, each with scale and shift
        Assert.Equal(4 * (64 * 27 + 4 * 64 * 64 * 9 + 5 * 128),
            Bytes(plain, "key encoder") - Bytes(MemoryPlan.Of(partly, 32), "key encoder"));

        static MemoryPlan Of(MethodKind method) => MemoryPlan.Of(Small with { Method = method }, 32);
    }

    [Fact]
    public void An_evaluation_that_takes_more_than_a_step_counts()
    {
        MemoryPlan plain = MemoryPlan.Of(Small, 32), small = MemoryPlan.Of(Small, 32, evaluationBatch: 32);
        Assert.Equal(plain.Peak, small.Peak);
        MemoryPlan large = MemoryPlan.Of(Small, 32, evaluationBatch: 512);
        // the results of the stem and the first block, and twice both of the second, 64 channels of 32x32 each
        long views = 4L * 512 * 3 * 32 * 32 * 4, pass = 6L * 512 * 64 * 32 * 32 * 4;
        long step = Bytes(plain, "activations") + Bytes(plain, "work space of the passes");
        Assert.Equal(views + pass - step, large.Peak - plain.Peak);

        // ResNet-50 at 224 pixels, measured: 1,247 MB for 64 images beyond what two took, gaps of the pool among them
        ResNetShape shape = ResNetShape.Of(new EncoderOptions(), 224);
        Assert.InRange(PassMemory.Constant(shape, 64, Precision.Float32, splits: 1).Peak / 1e6, 1040, 1250);
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlan.Of(Small, 32, evaluationBatch: -1));
    }

    [Fact]
    public void What_can_t_be_planned_is_refused()
    {
        Assert.Contains("BatchSize is 1", Assert.Throws<ArgumentException>(() => MemoryPlan.Of(Small with { BatchSize = 1 }, 32)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlan.Of(Small, 0));
    }

    private static long Bytes(MemoryPlan plan, string part) => plan.Parts.Single(found => found.Name == part).Bytes;
}
