using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training.Checkpoints;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A schedule or a method of the caller's own: saved like any other run, or refused before the first step.</summary>
public sealed class OwnPartsTests : IDisposable
{
    private static readonly MoCoOptions Short
        = TrainerFixture.Options with { Epochs = 1, Schedule = new Halving { Every = 2, PerStep = true } };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_with_a_schedule_of_the_callers_own_is_saved_and_Load_goes_on_with_it()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using CheckpointFolder checkpoints = new(folder.File("checkpoints"), new CheckpointPolicy { EverySteps = 2 });
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.Checkpoints = checkpoints;
        trainer.CheckpointPath = folder.File("run.ckpt");
        trainer.Fit(loader);

        using MoCoTrainer other = new(Short);
        other.Load(folder.File("run.ckpt"));
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(other));
        Assert.Equal(checkpoints.Last, CheckpointFolder.Newest(checkpoints.Folder));
    }

    [Fact]
    public void Resume_says_that_the_schedule_is_none_of_the_librarys_and_what_to_do()
    {
        string path = folder.File("run.ckpt");
        using (MoCoTrainer trainer = new(Short)) trainer.Save(path);
        Assert.Contains("its schedule is none of this library's; make the trainer with it, and Load the file",
            Assert.Throws<InvalidDataException>(() => MoCoTrainer.Resume(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_method_with_a_tensor_that_no_file_holds_is_refused_before_the_first_step_unless_nothing_is_to_be_saved(bool inFolder)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using CheckpointFolder checkpoints = new(folder.Path);
        using MoCoTrainer trainer = new(new Complex(), Short);
        trainer.Checkpoints = inFolder ? checkpoints : null;
        trainer.CheckpointPath = inFolder ? null : folder.File("run.ckpt");
        Assert.StartsWith("The tensor method.phases is ComplexFloat32, which a checkpoint can't hold; expected one of Float64, ",
            Assert.Throws<NotSupportedException>(() => trainer.Fit(loader)).Message, StringComparison.Ordinal);
        Assert.Equal(0, trainer.StepCount);
        (trainer.Checkpoints, trainer.CheckpointPath) = (null, null);
        trainer.Fit(loader);
        Assert.Equal(5, trainer.StepCount);
    }

    private sealed record Halving : LearningRateSchedule
    {
        public int Every { get; init; }

        protected override double Factor(double epoch, int epochs) => Math.Pow(0.5, Math.Floor(epoch / Every));
    }

    private sealed class Complex : ContrastiveMethod
    {
        private readonly Encoder encoder = TinyBackbone.Encoder();

        public Complex()
            : base(nameof(Complex))
        {
            register_buffer("phases", zeros(2, dtype: ScalarType.ComplexFloat32).DetachFromDisposeScope());
            register_module(nameof(encoder), encoder);
        }

        public override Encoder QueryEncoder => encoder;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input)
            => new((encoder.call(input.Query) - encoder.call(input.Key)).Squared().mean(), zeros([]), zeros([]), zeros([]), zeros([]));
    }
}
