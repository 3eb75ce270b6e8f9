using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using MoCo.Loading;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests;

/// <summary>What a caller reads who got something wrong, word for word.</summary>
public sealed class ErrorsTests : IDisposable
{
    private static readonly MoCoOptions Sound = TrainerFixture.Options;
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    /// <summary>One error of the options each, with its message.</summary>
    public static TheoryData<MoCoOptions, string> BadOptions => new()
    {
        { Sound with { Encoder = Sound.Encoder with { Backbone = Backbone.Of("99") } },
            "Encoder.Backbone is 99; expected one of ResNet18, ResNet34, ResNet50, ResNet101, ResNet152, ResNet50Wide2, "
            + "ResNet50Wide4, WideResNet50, WideResNet101, ViTSmall, ViTSmall6Heads, ViTBase, ConvNeXtTiny, or a name that this program "
            + "has given to Backbone.Register." },
        { Sound with { Encoder = Sound.Encoder with { Stem = (Stem)7 } },
        "Encoder.Stem is 7; expected one of ImageNet, SmallImage, SmallImageStride2." },
        { Sound with { Precision = (Precision)5 }, "Precision is 5; expected one of Float32, BFloat16, Float16." },
        { Sound with { Encoder = Sound.Encoder with { InputChannels = 2 } },
        "Encoder.InputChannels is 2; expected 1 (grey) or 3 (color)." },
        { Sound with { Encoder = Sound.Encoder with { Width = 0 } }, "Encoder.Width is 0; expected 0.0625 to 8." },
        { Sound with { Encoder = Sound.Encoder with { Width = double.NaN } }, "Encoder.Width is NaN; expected 0.0625 to 8." },
        { Sound with { Encoder = Sound.Encoder with { BatchNormSplits = 0 } }, "Encoder.BatchNormSplits is 0; expected 1 or more." },
        { Sound with { Encoder = Sound.Encoder with { BatchNormSplits = 7 } },
        "BatchSize is 12; expected 14 or more, two samples for each of the 7 groups of Encoder.BatchNormSplits." },
        {
            Sound with { Encoder = Sound.Encoder with { Head = (HeadKind)9 } },
            "Encoder.Head is 9; expected one of Linear, Mlp, BatchNormMlp, Direct."
        },
        { Sound with { Loss = Sound.Loss with { Symmetric = (SymmetricLoss)9 } }, "Loss.Symmetric is 9; expected one of Off, Sum, Mean." },
        { Sound with { Encoder = Sound.Encoder with { EmbeddingDimension = 0 } }, "Encoder.EmbeddingDimension is 0; expected 1 to 65536." },
        { Sound with { BatchSize = 1 }, "BatchSize is 1; expected 2 to 1048576, since BatchNorm needs two samples." },
        { Sound with { Queue = Sound.Queue with { Length = 11 } },
        "Queue.Length is 11; expected 12 or more, the keys that a step puts into it." },
        { Sound with { Queue = Sound.Queue with { Length = 23 }, Loss = Sound.Loss with { Symmetric = SymmetricLoss.Mean } },
        "Queue.Length is 23; expected 24 or more, the keys that a step puts into it." },
        { Sound with { KeyEncoder = Sound.KeyEncoder with { Momentum = 1.01 } },
        "KeyEncoder.Momentum is 1.01; expected 0 to 1 (0.999 in the paper)." },
        { Sound with { Loss = Sound.Loss with { Temperature = 0 } }, "Loss.Temperature is 0; expected above 0 (0.07 in v1, 0.2 in v2)." },
        { Sound with { Loss = Sound.Loss with { BlockLogits = 1023 } }, "Loss.BlockLogits is 1023; expected 1024 or more, or null." },
        { Sound with { Epochs = 0 }, "Epochs is 0; expected 1 or more." },
        { Sound with { Optimizer = Sound.Optimizer with { LearningRate = -0.03 } },
        "Optimizer.LearningRate is -0.03; expected above 0 (0.03 for batch 256)." },
        { Sound with { Duration = TimeSpan.Zero }, "Duration is 00:00:00; expected above 0, or null to train by epochs." },
        { Sound with { Schedule = null! }, "Schedule is null; expected options." },
        { Sound with { Schedule = new CosineSchedule { WarmupEpochs = -1 } }, "Schedule.WarmupEpochs is -1; expected 0 or more." },
        { Sound with { Schedule = new StepSchedule { Decay = 0 } }, "Schedule.Decay is 0; expected above 0 to 1." },
        { Sound with { Schedule = new StepSchedule { Milestones = [160, 120] } },
        "Schedule.Milestones is [160, 120]; expected epochs from 0 on, ascending." },
        { Sound with { Optimizer = Sound.Optimizer with { Momentum = 1 } }, "Optimizer.Momentum is 1; expected 0 to below 1." },
        { Sound with { Optimizer = Sound.Optimizer with { Momentum = 0, Nesterov = true } },
        "Optimizer.Nesterov is true; expected false with a momentum of 0." },
        { Sound with { Optimizer = Sound.Optimizer with { WeightDecay = -1e-4 } },
        "Optimizer.WeightDecay is -0.0001; expected 0 or more." },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void A_bad_option_is_named_with_its_value_and_what_is_allowed(MoCoOptions options, string message)
    {
        Assert.Equal("The options have errors: " + message, Assert.Throws<ArgumentException>(options.Validate).Message);
        Assert.Equal("The options have errors: " + message, Assert.Throws<ArgumentException>(() => new MoCoTrainer(options)).Message);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        MoCoOptions options = Sound with
        {
            Encoder = Sound.Encoder with { Width = 9 },
            BatchSize = 1,
            Queue = Sound.Queue with { Length = 0 },
            Loss = Sound.Loss with { Temperature = double.NaN },
            Epochs = -3,
            Optimizer = Sound.Optimizer with { Momentum = 0, Nesterov = true },
            Schedule = new StepSchedule { Decay = 2, WarmupEpochs = double.NaN }
        };
        Assert.Equal(
            "The options have errors: Encoder.Width is 9; expected 0.0625 to 8. Queue.Length is 0; expected 1 or more, the keys that "
            + "a step puts into it. Loss.Temperature is NaN; expected above 0 (0.07 in v1, 0.2 in v2). "
            + "Optimizer.Nesterov is true; expected false with a momentum of 0. Schedule.WarmupEpochs is NaN; expected 0 or more. "
                + "Schedule.Decay is 2; expected above 0 to 1. "
            + "BatchSize is 1; expected 2 to 1048576, since BatchNorm needs two samples. Epochs is -3; expected 1 or more.",
            Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Fact]
    public void The_presets_have_no_error()
    {
        foreach (MoCoOptions preset in new[] { MoCoOptions.V1, MoCoOptions.V2, MoCoOptions.Cifar, Sound }) preset.Validate();
    }

    [Fact]
    public void Bad_arguments_of_the_parts_get_their_message()
    {
        using TemporaryFolder folder = new();
        TrainerFixture.NoiseImages grey = new(24);
        AugmentationRecipe recipe = AugmentationRecipe.Grey(16);
        using KeyQueue queue = new(4, 8);
        using ResNet resnet = new(Sound.Encoder);
        using SplitBatchNorm2d norm = new(4, 2);
        InfoNce loss = new(0.2);
        Tensor keys = eye(4);

        (Func<object?> Action, string Message)[] errors =
        [
            (() => new TwoCropLoader(grey, recipe, new LoaderOptions { BatchSize = 0, Workers = 5000 }),
                "LoaderOptions: BatchSize is 0; expected 1 to 1048576. Workers is 5000; expected 1 to 1024."),
            (() => new TwoCropLoader(new TrainerFixture.NoiseImages(0), recipe), "noise has no images. (Parameter 'source')"),
            (() => new TwoCropLoader(grey, recipe, new LoaderOptions { BatchSize = 25, DropLast = true }),
            "noise has 24 images, fewer than one batch of 25, and DropLast leaves out what is not full. (Parameter 'options')"),
            (() => new TwoCropLoader(grey, new AugmentationRecipe(recipe.OutputSize, recipe.Steps, new Normalize([0, 0, 0], [1, 1, 1]))),
            "The recipe takes images of 3 channels, noise has images of 1. (Parameter 'recipe')"),
            (() => TrainerFixture.Loader(source: grey)
            .Epoch(0, 3), "Expected 0 to 2, the batches of an epoch. (Parameter 'firstBatch')\nActual value was 3."),
            (() => new TwoCropBatch(zeros(2, 3), zeros(2, 3), new[] { 0, 1 }, 0, 0),
            "Expected views of shape N×C×H×W, found 2×3. (Parameter 'query')"),
            (() => IdxImages.Load(folder.File("none"), ImageSplit.Train),
            $"{folder.File("none")}: no such folder; expected the files of a data set of the MNIST family in it."),
            (() => IdxImages.Load(folder.Path, ImageSplit.Test),
            $"{folder.Path}: expected t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz or t10k-images.idx3-ubyte or "
            + "t10k-images.idx3-ubyte.gz, found none of them."),
            (() => IdxImages.Load(folder.Write("labels", [0, 0, 8, 1, 0, 0, 0, 1, 5])),
            $"{folder.File("labels")}: expected IDX magic 0x00000803 (unsigned bytes, 3 dimensions: images), found 0x00000801."),
            (() => AugmentationRecipe.Grey(0), "Expected 1 to 16384 pixels. (Parameter 'size')\nActual value was 0."),
            (() => new RandomResizedCrop(8, minimumArea: 0),
            "Expected a share of the image above 0 and up to 1. (Parameter 'minimumArea')\nActual value was 0."),
            (() => new Normalize(0, 0), "Expected standard deviations above 0, found 0. (Parameter 'deviation')"),
            (() => resnet.call(zeros(2, 3, 16, 16)), "input is 2×3×16×16; expected N×1×H×W. (Parameter 'input')"),
            (() => norm.call(zeros(2, 5, 3, 3)), "input is 2×5×3×3; expected N×4×H×W. (Parameter 'input')"),
            (() => new ResNet(Sound.Encoder, classes: 0),
            "expected 1 or more, or null for no classifier. (Parameter 'classes')\nActual value was 0."),
            (() => new KeyQueue(4, 0), "length ('0') must be greater than or equal to '1'. (Parameter 'length')\nActual value was 0."),
            (() => Do(() => queue.Enqueue(ones(2, 3))),
            "keys are 2×3; expected N×4 with N from 1 to 8, the queue's length. (Parameter 'batch')"),
            (() => Do(() => queue.Enqueue(ones(9, 4))),
            "keys are 9×4; expected N×4 with N from 1 to 8, the queue's length. (Parameter 'batch')"),
            (() => Do(() => queue.Enqueue(keys.to(ScalarType.Float64))),
            "keys are Float64; expected Float32 as the queue. (Parameter 'batch')"),
            (() => Do(() => queue.Enqueue(keys.Times(2L))),
            "a key's length is off 1 by 1; expected unit vectors (normalise the keys before enqueuing them)."),
            (() => Do(() => queue.Enqueue(keys.Times(double.NaN))), "a key is not a finite number; the key encoder has diverged."),
            (() => new InfoNce(0), "expected a finite number above 0. (Parameter 'temperature')\nActual value was 0."),
            (() => new InfoNce(1, blockLogits: 10),
            "expected 1024 or more, or null for the device's default. (Parameter 'blockLogits')\nActual value was 10."),
            (() => loss.Compute(keys, ones(3, 4), keys), "k is 3×4; expected 4×4 as q. (Parameter 'k')"),
            (() => loss.Compute(keys, keys, ones(7, 5)), "negatives are 7×5; expected K×4. (Parameter 'negatives')"),
            (() => new MomentumUpdate(norm, norm, 1.5), "expected 0 to 1. (Parameter 'momentum')\nActual value was 1.5."),
            (() => KnnClassifier.Evaluate(Features(3, 4, [0, 1, 2]), Features(2, 4, [0, 1])),
            "neighbours is 200, the bank has only 3 vectors. (Parameter 'bank')"),
            (() => KnnClassifier.Evaluate(Features(3, 4, null), Features(2, 4, [0, 1])),
            "The bank has no labels, so nothing can vote. (Parameter 'bank')"),
            (() => KnnClassifier.Evaluate(Features(3, 4, [0, 1, 2]), Features(2, 5, [0, 1]), 1),
            "Expected queries of 4 dimensions as the bank's, found 5. (Parameter 'queries')"),
            (() => KnnClassifier.Evaluate(Features(3, 4, [0, 1, 2]), Features(2, 4, [0, 1]), 0, 0),
            "EvaluateGrid: neighbours is [0]; expected one number or more, each 1 or more. "
            + "temperatures is [0]; expected one or more, each above 0."),
        ];
        foreach ((Func<object?> action, string message) in errors)
        {
            Exception? error = Record.Exception(action);
            Assert.True(error is ArgumentException or IOException or InvalidDataException,
                $"'{message}': {error?.ToString() ?? "no exception"}");
            Assert.Equal(message, error!.Message.ReplaceLineEndings("\n"));
        }
        Assert.True(errors.Length >= 25);
    }

    [Fact]
    public void A_loader_that_does_not_fit_the_trainer_is_refused()
    {
        using MoCoTrainer trainer = new(Sound);
        (TwoCropLoader Loader, string Message)[] errors =
        [
            (TrainerFixture.Loader(Sound with { BatchSize = 6 }),
                "The loader has batch size 6, seed 7, DropLast False; expected 12, 7, False as the trainer's options (make it with "
                + "trainer.Options.Loader()). (Parameter 'loader')"),
            (TrainerFixture.Loader(Sound with { Seed = 8 }),
            "The loader has batch size 12, seed 8, DropLast False; expected 12, 7, False as the trainer's options (make it with "
            + "trainer.Options.Loader()). (Parameter 'loader')"),
            (TrainerFixture.Loader(source: new TrainerFixture.NoiseImages(24, 3)),
            "noise has 3 channels; expected 1 as Encoder.InputChannels says. (Parameter 'loader')"),
            (TrainerFixture.Loader(source: new TrainerFixture.NoiseImages(25)),
            "noise has 25 images, which leaves a last batch of one, too few for BatchNorm; set DropLastBatch or another BatchSize "
            + "than 12. (Parameter 'loader')"),
        ];
        foreach ((TwoCropLoader loader, string message) in errors)
        {
            using (loader) Assert.Equal(message, Assert.Throws<ArgumentException>(() => trainer.Fit(loader)).Message);
        }
        Assert.Equal(0, trainer.StepCount);
    }

    [Fact]
    public void A_missing_argument_is_named()
    {
        using MoCoTrainer trainer = new(Sound);
        Assert.Equal("batch", Assert.Throws<ArgumentNullException>(() => trainer.Step(null!)).ParamName);
        Assert.Equal("loader", Assert.Throws<ArgumentNullException>(() => trainer.Fit(null!)).ParamName);
        Assert.Equal("path", Assert.Throws<ArgumentNullException>(() => trainer.Save((string)null!)).ParamName);
        Assert.Equal("path", Assert.Throws<ArgumentException>(() => MoCoTrainer.Resume("")).ParamName);
        Assert.Equal("method", Assert.Throws<ArgumentNullException>(() => new MoCoTrainer(null!, Sound)).ParamName);
        Assert.Equal(
            "source", Assert.Throws<ArgumentNullException>(() => new TwoCropLoader((IImageSource)null!, AugmentationRecipe.Grey(8)))
            .ParamName);
        Assert.Equal("folder", Assert.Throws<ArgumentNullException>(() => IdxImages.Load(null!, ImageSplit.Train)).ParamName);
    }

    private static object? Do(Action action)
    {
        action();
        return null;
    }

    private static FeatureSet Features(int count, int dimension, int[]? labels) => new(ones(count, dimension), labels);
}
