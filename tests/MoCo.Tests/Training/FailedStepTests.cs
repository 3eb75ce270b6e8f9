using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A step that throws has not been: trying again gives bit for bit what a run without the error gives.</summary>
public sealed class FailedStepTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 1 };

    /// <summary>Where a hook throws: within either encoder, or not at all, but so that backward fails on its way.</summary>
    public static TheoryData<string> Failures => new("f_k layer2", "f_k whole", "f_q layer1", "f_q whole", "backward");

    [Theory]
    [MemberData(nameof(Failures))]
    public void Trying_a_failed_step_again_equals_never_having_failed(string failure)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short);
        double[] losses = ResumeTests.Run(whole, loader);
        SortedDictionary<string, string> expected = Snapshot.Of(whole);

        using MoCoTrainer trainer = ResumeTests.Start(Short);
        List<double> found = [];
        foreach (TwoCropBatch batch in loader.Epoch(0))
        {
            using (batch)
            {
                using (Failing(trainer, failure)) Assert.ThrowsAny<Exception>(() => trainer.Step(batch));
                found.Add(trainer.Step(batch).Loss);
            }
        }
        trainer.EndEpoch();
        Assert.Equal(losses, found);
        Snapshot.Same(expected, Snapshot.Of(trainer));
    }

    [Theory]
    [InlineData("f_q whole")]
    [InlineData("backward")]
    public void After_a_failed_step_Load_begins_from_the_checkpoint_and_from_nothing_else(string failure)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.Save(folder.File("start.ckpt"));
        double[] losses = ResumeTests.Run(trainer, loader);
        SortedDictionary<string, string> expected = Snapshot.Of(trainer);
        foreach (TwoCropBatch batch in loader.Epoch(0).Take(1))
            using (batch)
            using (Failing(trainer, failure)) Assert.ThrowsAny<Exception>(() => trainer.Step(batch));
        trainer.Load(folder.File("start.ckpt"));
        Assert.Equal(losses, ResumeTests.Run(trainer, loader));
        Snapshot.Same(expected, Snapshot.Of(trainer));
    }

    [Fact]
    public void Gradients_that_somebody_left_are_gone_after_Load()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.Save(folder.File("start.ckpt"));
        double[] losses = ResumeTests.Run(trainer, loader);
        using (DisposeScope scope = NewDisposeScope()) trainer.QueryEncoder.call(rand(4, 1, 16, 16)).sum().backward();
        trainer.Load(folder.File("start.ckpt"));
        Assert.Equal(losses, ResumeTests.Run(trainer, loader));
    }

    [Fact]
    public void An_exception_of_a_hook_leaves_Fit_and_the_next_Fit_comes_to_the_same_end()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short);
        whole.Fit(loader);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        int calls = 0;
        using (Hook(trainer.QueryEncoder, (_, _) => Fail(++calls == 3))) Assert.Throws<IOException>(() => trainer.Fit(loader));
        Assert.Equal((2L, 2), (trainer.StepCount, trainer.Batch));
        trainer.Fit(loader);
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(trainer));
    }

    [Fact]
    public void A_loss_that_is_not_finite_leaves_everything_as_it_was()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(Short), same = ResumeTests.Start(Short);
        ResumeTests.Run(trainer, loader, 2);
        ResumeTests.Run(same, loader, 2);
        using TwoCropBatch bad = new(Filled(double.NaN, 12, 1, 16, 16), rand(12, 1, 16, 16), new int[12], 0, 2) { BatchesPerEpoch = 5 };
        Assert.Throws<TrainingDivergedException>(() => trainer.Step(bad));
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> expected = same.Method.state_dict();
        foreach ((string name, Tensor value) in trainer.Method.state_dict()) Fixture.Near(expected[name], value, 0, name);
    }

    [Fact]
    public void A_method_that_fails_after_the_weights_have_moved_leaves_a_trainer_that_neither_steps_nor_saves_until_it_loads()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using TemporaryFolder folder = new();
        FailingAtTheEnd method = new();
        using MoCoTrainer trainer = new(method, Short);
        trainer.Save(folder.File("start.ckpt"));
        foreach (TwoCropBatch batch in loader.Epoch(0).Take(1))
        {
            using (batch)
            {
                Assert.Throws<IOException>(() => trainer.Step(batch));
                Action[] refused = [() => trainer.Step(batch), () => trainer.Save(folder.File("half.ckpt"))];
                Assert.All(refused, action => Assert.StartsWith("Step 0 failed after it had moved weights",
                    Assert.Throws<InvalidOperationException>(action).Message, StringComparison.Ordinal));
                trainer.Load(folder.File("start.ckpt"));
                method.Fails = false;
                trainer.Step(batch);
            }
        }
    }

    [Fact]
    public void What_a_method_of_the_callers_own_moves_in_Forward_is_put_back_too()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        FailingAtTheEnd method = new() { Fails = false };
        using MoCoTrainer trainer = new(method, Short);
        foreach (TwoCropBatch batch in loader.Epoch(0).Take(1))
        {
            using (batch)
            {
                byte[] random = RandomBytes();
                using (Hook(method.QueryEncoder, (_, _) => Fail(rand(1).item<float>() >= 0)))
                    Assert.Throws<IOException>(() => trainer.Step(batch));
                Assert.Equal(0, method.Calls);
                Assert.Equal(random, RandomBytes());
                trainer.Step(batch);
                Assert.Equal(1, method.Calls);
            }
        }
    }

    private static Removing Failing(MoCoTrainer trainer, string failure)
    {
        if (failure == "backward")
            return Hook(Layer(trainer.QueryEncoder, "layer3"), (input, _) =>
            {
                // What the layer before it saved for backward is no longer what it was: the later layers have their gradients by then.
                using (no_grad()) input.zero_();
            });
        string[] place = failure.Split(' ');
        Encoder encoder = place[0] == "f_q" ? trainer.QueryEncoder : ((MomentumContrast)trainer.Method).KeyEncoder;
        return Hook(place[1] == "whole" ? encoder : Layer(encoder, place[1]), (_, _) => Fail(rand(3).NumberOfElements == 3));
    }

    private static void Fail(bool now)
    {
        if (now) throw new IOException("a hook's own");
    }

    private static nn.Module<Tensor, Tensor> Layer(Encoder encoder, string name)
        => (nn.Module<Tensor, Tensor>)encoder.Backbone.named_children().Single(child => child.name == name).module;

    private static Removing Hook(nn.Module<Tensor, Tensor> module, Action<Tensor, Tensor> action)
        => new(module.register_forward_hook((_, input, output) =>
        {
            action(input, output);
            return output;
        }));

    private sealed class Removing(nn.Module<Tensor, Tensor>.HookRemover hook) : IDisposable
    {
        public void Dispose() => hook.remove();
    }

    /// <summary>A method of a caller: it pulls the two views together, counts its calls in a buffer, and may fail at the end.</summary>
    private sealed class FailingAtTheEnd : ContrastiveMethod
    {
        private readonly Encoder encoder = TinyBackbone.Encoder();
        private readonly Tensor calls = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();

        public FailingAtTheEnd()
            : base(nameof(FailingAtTheEnd))
        {
            register_buffer(nameof(calls), calls);
            register_module(nameof(encoder), encoder);
        }

        public bool Fails { get; set; } = true;

        public long Calls => calls.item<long>();

        public override Encoder QueryEncoder => encoder;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input)
        {
            using (no_grad()) calls.Fill(Calls + 1);
            Tensor loss = (encoder.call(input.Query) - encoder.call(input.Key)).Squared().mean();
            return new ContrastiveLoss(loss, zeros([]), zeros([]), zeros([]), zeros([]));
        }

        public override void AfterBackward() => Fail(Fails);
    }
}
