using MoCo.Benchmarks.Scaling;
using MoCo.Encoders;
using MoCo.Loading;
using TorchSharp;

namespace MoCo.Tests.Benchmarks.Scaling;

public sealed class MeteredGroupTests
{
    private const int Ranks = 2, Images = 4, Side = 32;

    /// <summary>What 'scale' counts for a step is what a step moves.</summary>
    [Fact]
    public void A_step_of_two_ranks_makes_the_calls_that_the_model_has()
        => Assert.All(ThreadGroup.Run(Ranks, group => Step(new MeteredGroup(group), group)), step =>
            Assert.Equal(step.Traffic.Calls().Select(call => (call.Kind, call.Bytes)), step.Calls.Select(call => (call.Kind, call.Bytes))));

    [Fact]
    public void A_step_is_the_same_with_a_group_that_notes_its_calls()
    {
        (float[] Weights, float[] Metered)[] ranks = ThreadGroup.Run(Ranks, group =>
            (Step(group, group).Weights, Step(new MeteredGroup(group), group).Weights));
        Assert.All(ranks, rank => Assert.Equal(rank.Weights, rank.Metered));
        Assert.Equal(ranks[0].Weights, ranks[1].Weights);
    }

    private static (StepTraffic Traffic, IReadOnlyList<MeteredCall> Calls, float[] Weights) Step(
        MoCo.Distributed.ProcessGroup group, ThreadGroup threads)
    {
        MoCoOptions options = MoCoOptions.V1 with
        {
            Encoder = new() { Backbone = Backbone.ResNet18, Width = 0.125, EmbeddingDimension = 16, BatchNormSplits = Ranks },
            Queue = new() { Length = 64 },
            BatchSize = Ranks * Images,
        };
        using MoCoTrainer trainer = new(options, group: group);
        using torch.Generator generator = new((ulong)threads.Rank, torch.CPU);
        using TwoCropBatch batch = new(Views(generator), Views(generator), Enumerable.Range(0, Images).ToArray(), 0, 0);
        MeteredGroup? metered = group as MeteredGroup;
        if (metered is not null) metered.IsNoting = true;
        trainer.Step(batch);
        return (new StepTraffic(Images, Side, options.Encoder.EmbeddingDimension, trainer.Method.Parameters.Values.numel()),
            metered?.Calls ?? [], trainer.Method.Parameters.Values.data<float>().ToArray());
    }

    private static torch.Tensor Views(torch.Generator generator) => torch.randn(Images, 3, Side, Side, generator: generator);
}
