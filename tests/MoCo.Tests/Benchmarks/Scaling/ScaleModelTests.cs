using MoCo.Benchmarks.Scaling;

namespace MoCo.Tests.Benchmarks.Scaling;

/// <summary>The arithmetic behind what 'scale' expects of many ranks, against numbers worked out by hand.</summary>
public sealed class ScaleModelTests
{
    private const double Tolerance = 1e-12;

    private static readonly StepTraffic ResNet50 = new(32, 224, 128, 27_968_704);

    // 8 GPUs a node, 100 GB/s between them, 10 GB/s out of the node; messages take no time.
    private static readonly Cluster Nodes = new("", 8, 100e9, 10e9, 0);

    [Fact]
    public void A_transfer_takes_what_was_measured_and_lies_on_lines_between_and_beyond()
    {
        TransferTime time = new([(1000, 3), (100, 1), (2000, 4)]);
        Assert.Equal([1, 2, 3, 3.5, 4, 6], new long[] { 100, 550, 1000, 1500, 2000, 4000 }.Select(time.Of), Near);
        Assert.Equal(1, time.Latency);
        Assert.Equal(1000, time.Rate, Tolerance);
        Assert.Equal(1 - 90 * 2 / 900.0, time.Of(10), Tolerance);
    }

    [Fact]
    public void More_bytes_never_take_less_time()
    {
        TransferTime time = new([(100, 2), (200, 1), (300, 4)]);
        Assert.Equal([2, 2, 2, 3, 4], new long[] { 100, 150, 200, 250, 300 }.Select(time.Of), Near);
    }

    [Fact]
    public void Ranks_take_turns_on_cores_and_the_collectives_come_on_top()
    {
        MachineModel one = new(Compute: 10, MeasuredRanks: 1, Threads: 1, Cores: 2), two = one with { Compute = 12, MeasuredRanks = 2 };
        Assert.Equal([10, 10, 20, 40], new[] { 1, 2, 4, 8 }.Select(one.ComputeOf), Near);
        Assert.Equal([12, 12, 24, 48], new[] { 1, 2, 4, 8 }.Select(two.ComputeOf), Near);
        Assert.Equal(20, (one with { Threads = 2 }).ComputeOf(2));

        Dictionary<Collective, TransferTime> times = new()
        {
            [Collective.AllReduce] = new([(0, 1), (100, 2)]),
            [Collective.AllGather] = new([(0, 0), (100, 5)]),
        };
        Transfer[] calls =
        [
            Call(nameof(Collective.AllReduce), 50), Call(nameof(Collective.AllGather), 20), Call(nameof(Collective.AllReduce), 200),
        ];
        Assert.Equal(20 + 1.5 + 1 + 3, one.Step(4, calls, times), Tolerance);
    }

    [Theory]
    [InlineData(nameof(Collective.AllReduce), 1, 0)]
    [InlineData(nameof(Collective.AllReduce), 8, 2 * 7 / 8.0 * 0.01)] // links
    [InlineData(nameof(Collective.AllReduce), 16, 2 * 15 / 16.0 * 0.1)] // the network, which a ring passes once
    [InlineData(nameof(Collective.AllGather), 8, 7 * 0.01)]
    [InlineData(nameof(Collective.AllGather), 16, 15 * 0.1)]
    [InlineData(nameof(Collective.AllToAll), 8, 7 / 8.0 * 0.01)]
    [InlineData(nameof(Collective.AllToAll), 16, 8 * 8 / 16.0 * 0.1)] // half of the rows of 8 ranks leave the node
    [InlineData(nameof(Collective.AllToAll), 64, 8 * 56 / 64.0 * 0.1)]
    public void A_collective_of_a_gigabyte_takes(string kind, int ranks, double seconds)
        => Assert.Equal(seconds, Nodes.Seconds(Call(kind, 1_000_000_000), ranks), Tolerance);

    [Theory]
    [InlineData(nameof(Collective.AllReduce), 16, 8)]
    [InlineData(nameof(Collective.AllGather), 16, 4)]
    [InlineData(nameof(Collective.AllToAll), 16, 15)]
    [InlineData(nameof(Collective.AllToAll), 1024, 32)] // a rank has no more rows to send
    public void Without_bytes_it_takes_so_many_messages(string kind, int ranks, double messages)
        => Assert.Equal(messages, (Nodes with { Latency = 1 }).Seconds(Call(kind, 0), ranks), Tolerance);

    [Fact]
    public void A_network_card_of_each_GPU_carries_the_ring_of_a_node_as_many_times()
    {
        Transfer gradients = Call(nameof(Collective.AllReduce), 1_000_000_000);
        Assert.Equal(Nodes.Seconds(gradients, 64) / 8, (Nodes with { NodeRate = 80e9 }).Seconds(gradients, 64), Tolerance);
        // The links within the nodes are the most that helps.
        Assert.Equal(Nodes.Seconds(gradients, 64) / 10, (Nodes with { NodeRate = 1e15 }).Seconds(gradients, 64), Tolerance);
    }

    [Fact]
    public void A_step_is_computing_and_its_four_calls()
    {
        Assert.Equal([32 * 3 * 224 * 224 * 4, 32 * 128 * 4, 24, 27_968_704 * 4L], ResNet50.Calls().Select(call => call.Bytes));
        Forecast step = Nodes.Of(64, 0.014, ResNet50, Collective.AllGather);
        double views = 63 * 19_267_584 / 10e9, keys = 63 * 16_384 / 10e9, gradients = 2 * 63 / 64.0 * 111_874_816 / 10e9;
        Assert.Equal(views, step.Views, Tolerance);
        Assert.Equal(gradients, step.Gradients, Tolerance);
        Assert.Equal(0.014 + views + keys + gradients + 2 * 63 / 64.0 * 24 / 10e9, step.Step, Tolerance);
        Assert.Equal((0.014 / step.Step, views / step.Step), (step.Efficiency, step.ViewsShare));
    }

    [Fact]
    public void What_gathered_views_cost_grows_with_the_ranks_and_what_exchanged_views_cost_does_not()
    {
        double[] Views(Collective kind) => [.. new[] { 16, 64, 256, 1024 }.Select(ranks => Nodes.Of(ranks, 0.014, ResNet50, kind).Views)];
        double most = 8 * 19_267_584 / 10e9;
        Assert.All(Views(Collective.AllToAll), seconds => Assert.InRange(seconds, most / 2 - Tolerance, most));
        Assert.Equal([15, 63, 255, 1023], Views(Collective.AllGather).Select(seconds => seconds / (most / 8)), Near);
    }

    private static Transfer Call(string kind, long bytes) => new("", Enum.Parse<Collective>(kind), 32, bytes);

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;
}
