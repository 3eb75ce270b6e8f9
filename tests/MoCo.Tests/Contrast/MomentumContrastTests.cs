using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class MomentumContrastTests
{
    [Fact]
    public void The_key_encoder_starts_as_an_exact_copy_and_never_has_a_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using MomentumContrast method = Make();
        foreach ((string name, Tensor value) in method.QueryEncoder.state_dict())
            Fixture.Near(value, method.KeyEncoder.state_dict()[name], 0, name);
        for (int step = 0; step < 3; step++)
        {
            Step(method, step);
            Assert.All(method.KeyEncoder.parameters(), p => Assert.False(p.requires_grad));
            Assert.All(method.KeyEncoder.parameters(), p => Assert.Null(p.grad));
        }
    }

    [Fact]
    public void The_key_encoders_BatchNorm_statistics_are_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        using MomentumContrast method = Make();
        using ContrastiveLoss loss = method.Forward(new StepInput(rand(8, 1, 6, 6), rand(8, 1, 6, 6).Plus(3), 0));
        Tensor query = method.QueryEncoder.state_dict()["backbone.bn.running_mean"],
            key = method.KeyEncoder.state_dict()["backbone.bn.running_mean"];
        Assert.True((query - key).abs().max().item<float>() > 0.05, "both views moved the same statistics");
        Fixture.Near(method.QueryEncoder.state_dict()["backbone.bn.weight"], method.KeyEncoder.state_dict()["backbone.bn.weight"],
            1e-7, "parameters");
    }

    [Fact]
    public void Keys_enter_the_queue_only_after_the_step()
    {
        using DisposeScope scope = NewDisposeScope();
        using MomentumContrast method = Make();
        Tensor before = method.Queue.Keys().clone();
        using ContrastiveLoss loss = method.Forward(new StepInput(rand(8, 1, 6, 6), rand(8, 1, 6, 6), 0));
        Fixture.Near(before, method.Queue.Keys(), 0, "queue before the step is done");
        method.AfterBackward();
        Assert.Equal(8, method.Queue.Position);
        method.AfterBackward();
        Assert.Equal(8, method.Queue.Position);
    }

    [Fact]
    public void Symmetric_losses_enqueue_both_views_keys_and_the_sum_is_twice_the_mean()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(9);
        Tensor a = rand(6, 1, 6, 6), b = rand(6, 1, 6, 6);
        double Loss(SymmetricLoss symmetric)
        {
            using MomentumContrast method = Make(symmetric);
            using ContrastiveLoss loss = method.Forward(new StepInput(a, b, 0));
            method.AfterBackward();
            Assert.Equal(12, method.Queue.Position);
            Assert.Equal((symmetric == SymmetricLoss.Sum ? 2 : 1) * Math.Log(41), method.ChanceLoss, 1e-12);
            return loss.Loss.item<float>();
        }
        Assert.Equal(2 * Loss(SymmetricLoss.Mean), Loss(SymmetricLoss.Sum), 1e-5);
    }

    [Fact]
    public void Shuffling_keys_changes_nothing_without_BatchNorm_splits_but_what_BatchNorm_sees_with_them()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(9);
        Tensor a = rand(8, 1, 6, 6), b = rand(8, 1, 6, 6) * Counting(8).reshape(8, 1, 1, 1);
        float Loss(int splits, bool shuffled)
        {
            using MomentumContrast method = Make(SymmetricLoss.Off, splits, shuffled);
            using ContrastiveLoss loss = method.Forward(new StepInput(a, b, 0));
            return loss.Loss.item<float>();
        }
        Assert.Equal(Loss(1, false), Loss(1, true), 1e-5);
        Assert.NotEqual(Loss(2, false), Loss(2, true), 1e-5);
    }

    private static MomentumContrast Make(SymmetricLoss symmetric = SymmetricLoss.Off, int splits = 1, bool shuffled = true)
    {
        manual_seed(4);
        return new MomentumContrast(
            TinyBackbone.Encoder(splits), TinyBackbone.Encoder(splits), new KeyQueue(8, 40), loss: new() { Symmetric = symmetric },
            shuffle: shuffled
            ? new BatchShuffle((_, count) => [.. Enumerable.Range(0, (int)count).Select(i => (i * 2 + (i >= count / 2 ? 1 : 0)) % count)])
            : null);
    }

    private static void Step(MomentumContrast method, long step)
    {
        using ContrastiveLoss loss = method.Forward(new StepInput(rand(8, 1, 6, 6), rand(8, 1, 6, 6), step));
        loss.Loss.backward();
        method.AfterBackward();
    }
}
