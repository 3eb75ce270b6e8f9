using System.Text.Json;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

/// <summary>Five steps on two ranks against the same five of two processes under PyTorch's Gloo, which do what the official code does on
/// two GPUs (Fixtures/make_two_ranks.py): DistributedDataParallel, key batches shuffled across the ranks, the keys of both
/// enqueued.</summary>
/// <remarks>The official code lines up rank 0's rows, then rank 1's; here they stand in the samples' order, sample n being row n / 2 of
/// rank n mod 2. So permutations are translated, and a batch's keys lie in the queue in another order. The loss does not depend on it as
/// long as whole batches leave the queue. Where the batch does not divide K, which the official code refuses, the order decides which keys
/// of the oldest batch leave first: the negatives would be others.</remarks>
public sealed class TwoRanksTests
{
    private const int Ranks = 2, Batch = 8;
    private const double Tolerance = 1e-12; // in float64

    /// <summary>What is done otherwise than it should be.</summary>
    public enum Change
    {
        None,
        GradientsOfOneRank,
        GradientsSummed,
        KeysOfOneRank,
        ShuffleWithinRanks,
        PermutationNotTranslated,
    }

    public static MatrixTheoryData<string, Change> Changes
        => new(["v1", "v2"], Enum.GetValues<Change>().Where(change => change != Change.None));

    [Theory]
    [InlineData("v1", ScalarType.Float64, Tolerance)]
    [InlineData("v2", ScalarType.Float64, Tolerance)]
    [InlineData("v1", ScalarType.Float32, 1e-5)]
    [InlineData("v2", ScalarType.Float32, 1e-5)]
    public void Two_ranks_train_as_two_processes_of_the_official_code_do(string version, ScalarType type, double tolerance)
        => Assert.All(OnTwoRanks(version, Change.None, type), rank => Assert.True(rank.IsWithin(tolerance), $"{rank}"));

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void One_process_with_two_groups_of_BatchNorm_trains_as_they_do(string version)
    {
        Difference one = Train(ProcessGroup.Single, Read(version), Change.None);
        Assert.True(one.IsWithin(Tolerance), $"{one}");
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_is_done_otherwise_shows_in_the_losses(string version, Change change)
    {
        Difference[] ranks = OnTwoRanks(version, change);
        Assert.All(ranks, rank => Assert.True(rank.Loss > 1e-3, $"{rank}"));
    }

    /// <summary>Where there is a Python with PyTorch.</summary>
    [Fact]
    public void The_processes_of_the_official_code_still_give_these_figures()
    {
        using TemporaryFolder folder = new();
        // As a file: the processes that it starts read it again.
        Python.Torch("import subprocess, sys; subprocess.run([sys.executable, '-B', *sys.argv[1:]], check=True)",
            Repository.File("tests", "MoCo.Tests", "Fixtures", "make_two_ranks.py"), folder.Path);
        foreach (string version in new[] { "v1", "v2" })
        {
            using JsonDocument now = JsonDocument.Parse(File.ReadAllBytes(folder.File($"{version}.json")));
            (string Place, double Value)[] expected = [.. Numbers(Read(version), version)], actual = [.. Numbers(now.RootElement, version)];
            Assert.Equal(expected.Select(number => number.Place), actual.Select(number => number.Place));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Value, pair.Second.Value, Tolerance));
        }
    }

    private static JsonElement Read(string version) => Fixture.Read("two-ranks", $"{version}.json");

    private static Difference[] OnTwoRanks(string version, Change change, ScalarType type = ScalarType.Float64)
    {
        JsonElement fixture = Read(version);
        return ThreadGroup.Run(Ranks, group => Train(group, fixture, change, type));
    }

    /// <summary>One rank's five steps; a process alone has the whole batch.</summary>
    private static Difference Train(ProcessGroup group, JsonElement fixture, Change change, ScalarType type = ScalarType.Float64)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement setup = fixture.GetProperty("setup"), final = fixture.GetProperty("final");
        JsonElement[] inputs = [.. fixture.GetProperty("inputs").EnumerateArray()];
        JsonElement[] steps = [.. fixture.GetProperty("steps").EnumerateArray()];
        double Number(string name) => setup.GetProperty(name).GetDouble();
        using MomentumContrast method = Build(group, fixture, type, new BatchShuffle((step, _) => Order(inputs[step], change)));
        using FlatSgd optimizer = new(
            method.Parameters, new OptimizationOptions { Momentum = Number("sgd_momentum"), WeightDecay = Number("weight_decay") });

        double off = 0;
        for (int step = 0; step < 5; step++)
        {
            Tensor? own = null;
            Tensor View(string name) => group.OwnRows(Fixture.Tensor(inputs[step].GetProperty(name), type));
            using ContrastiveLoss loss = method.Forward(new StepInput(View("x_q"), View("x_k"), step)
            {
                Group = group,
                Watch = (_, keys) => own = keys.clone().DetachFromDisposeScope(),
            });
            using Tensor ownKeys = own!;
            loss.Loss.backward();
            if (change == Change.GradientsSummed) group.AllReduceSum(method.Parameters.Gradients!);
            else if (change != Change.GradientsOfOneRank) group.AllReduceMean(method.Parameters.Gradients!);
            optimizer.Step(Number("learning_rate"));
            if (change == Change.KeysOfOneRank) method.Queue.Enqueue(ownKeys);
            else method.AfterBackward();

            double[] losses = [.. steps[step].GetProperty("losses").EnumerateArray().Select(value => value.GetDouble())];
            double expected = group.Size == 1 ? losses.Average() : losses[group.Rank];
            off = Math.Max(off, Math.Abs(expected - loss.Loss.to(ScalarType.Float64).item<double>()));
        }
        Assert.True(change == Change.KeysOfOneRank || method.Queue.Position == final.GetProperty("queue_ptr").GetInt32());
        (Encoder Encoder, string Name)[] encoders = [(method.QueryEncoder, "encoder_q"), (method.KeyEncoder, "encoder_k")];
        double weights = encoders.Max(encoder => Worst(final.GetProperty(encoder.Name), encoder.Encoder, group));
        return new Difference(off, weights, Apart(BySample(Fixture.Tensor(final.GetProperty("queue")).t()), method.Queue.Keys()));
    }

    private static MomentumContrast Build(ProcessGroup group, JsonElement fixture, ScalarType type, BatchShuffle shuffle)
    {
        JsonElement setup = fixture.GetProperty("setup"), initial = fixture.GetProperty("initial");
        HeadKind head = initial.TryGetProperty("fc.2.weight", out _) ? HeadKind.Mlp : HeadKind.Linear;
        Encoder Network() => new Encoder(new TinyBackbone(Ranks / group.Size), new ProjectionHead(head, 4, 8)).to(type);
        Encoder query = Network();
        KeyQueue queue = new(8, setup.GetProperty("K").GetInt32(), dtype: type);
        using (no_grad())
        {
            Dictionary<string, Tensor> state = query.state_dict();
            foreach (JsonProperty weight in initial.EnumerateObject().Where(entry => entry.Name != "queue"))
                state[Ours(weight.Name)].copy_(Fixture.Tensor(weight.Value));
            queue.Keys().copy_(Fixture.Tensor(initial.GetProperty("queue")).t());
        }
        LossOptions loss = new() { Temperature = setup.GetProperty("temperature").GetDouble() };
        return new MomentumContrast(query, Network(), queue, setup.GetProperty("momentum").GetDouble(), loss, shuffle);
    }

    /// <summary>The sample at each place of the shuffled whole. A place of the official code is rank·rows + row, and so is what stands
    /// there.</summary>
    private static long[] Order(JsonElement input, Change change)
    {
        Tensor official = Fixture.Tensor(input.GetProperty("permutation"), ScalarType.Int64); // place → gathered row
        long samples = official.shape[0], rows = samples / Ranks;
        // Each rank's rows in reverse.
        if (change == Change.ShuffleWithinRanks)
            return [.. Counting(samples).data<long>().ToArray().Select(place => samples - Ranks - place + 2 * (place % Ranks))];
        if (change == Change.PermutationNotTranslated) return official.data<long>().ToArray();
        return [.. BySample(official).data<long>().ToArray().Select(row => row % rows * Ranks + row / rows)];
    }

    /// <summary>What stands batch by batch, in each rank by rank, in the samples' order.</summary>
    private static Tensor BySample(Tensor byRank) => byRank.unflatten(0, [-1, Ranks, Batch / Ranks]).transpose(1, 2).flatten(0, 2);

    /// <summary>Of the parameters; of two ranks' first one also of BatchNorm's running figures, which DistributedDataParallel gives to all
    /// ranks.</summary>
    private static double Worst(JsonElement expected, Encoder actual, ProcessGroup group)
    {
        Dictionary<string, Tensor> state = actual.state_dict();
        return expected.EnumerateObject().Where(entry => !entry.Name.Contains("running") || group is { Size: Ranks, Rank: 0 })
            .Max(entry => Apart(Fixture.Tensor(entry.Value), state[Ours(entry.Name)]));
    }

    private static double Apart(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        double worst = (expected - actual).abs().max().item<double>();
        Assert.True(double.IsFinite(worst), $"the greatest difference is {worst}");
        return worst;
    }

    private static string Ours(string name)
        => name.StartsWith("fc.", StringComparison.Ordinal) ? "head.layers." + name[3..] : "backbone." + name;

    private static IEnumerable<(string Place, double Value)> Numbers(JsonElement element, string place) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(entry => Numbers(entry.Value, $"{place}.{entry.Name}")),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((entry, i) => Numbers(entry, $"{place}[{i}]")),
        _ => [(place, element.GetDouble())],
    };

    /// <summary>The greatest differences: of a step's loss, of a weight and of a key's number at the end.</summary>
    private sealed record Difference(double Loss, double Weights, double Queue)
    {
        public bool IsWithin(double tolerance) => Loss <= tolerance && Weights <= tolerance && Queue <= tolerance;
    }
}
