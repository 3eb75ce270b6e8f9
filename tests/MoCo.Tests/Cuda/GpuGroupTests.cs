using System.Diagnostics;
using MoCo.Distributed;
using MoCo.Distributed.Nccl;
using MoCo.Encoders;
using TorchSharp;
using static MoCo.Tensors.HeldScalars;
using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>NCCL with one rank on one GPU: what it is given must be what it takes, in the stream that libtorch works in.</summary>
public sealed class GpuGroupTests
{
    public static TheoryData<ScalarType> Types => new(ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.BFloat16,
        ScalarType.Float16);

    public static TheoryData<ScalarType> Moved => [.. Types, ScalarType.Byte, ScalarType.Int32, ScalarType.Bool];

    [Fact]
    public void Both_libraries_tell_what_they_are()
    {
        _ = Gpu.Device;
        Assert.Matches(@"^NCCL 2\.\d+\.\d+ \(", NcclLibrary.Load().Version);
        Assert.NotNull(CudaRuntime.Load());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_sum_over_one_rank_is_what_was_there(ScalarType type) => With(group =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = Values(type, 1000, 3), before = values.clone();
        group.AllReduceSum(values);
        Same(before, values);
    });

    [Theory]
    [MemberData(nameof(Moved))]
    public void What_is_gathered_and_sent_is_what_was_there(ScalarType type) => With(group =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = Values(type, 7, 5), before = values.clone();
        Same(before, group.AllGather(values));
        group.Broadcast(values);
        Same(before, values);
        Tensor strided = values.transpose(0, 1), view = values.narrow(0, 2, 3);
        Same(before.transpose(0, 1), group.AllGather(strided));
        Same(before.narrow(0, 2, 3), group.AllGather(view));
        group.Broadcast(strided);
        Same(before.transpose(0, 1), strided);
    });

    [Theory]
    [MemberData(nameof(Moved))]
    public void Rows_to_itself_come_back(ScalarType type) => With(group =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Values(type, 6, 4);
        Same(rows, group.Exchange(rows, new RowCounts([6], [6])));
        Tensor images = ChannelsLast.Make(Values(type, 2, 3 * 4 * 4).view(2, 3, 4, 4));
        Same(images, group.Exchange(images, new RowCounts([2], [2])));
        Tensor none = Values(type, 6, 4).narrow(0, 0, 0);
        Assert.Equal([0, 4], group.Exchange(none, new RowCounts([0], [0])).shape);
    });

    [Fact]
    public void A_call_comes_behind_what_libtorch_was_given_before_and_before_what_it_is_given_after() => With(group =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = zeros(1 << 20, device: Gpu.Device), values = zeros(1 << 20, device: Gpu.Device);
        for (int i = 1; i <= 20; i++)
        {
            Gpu.Occupy(0.02);
            values.add_(ones_like(values), One);
            group.AllReduceSum(values);
            using Tensor all = group.AllGather(values);
            values.zero_();
            values.copy_(all);
            expected.add_(ones_like(expected), One);
        }
        Same(expected, values);
    });

    [Fact]
    public void Numbers_of_the_host_go_by_the_GPU() => With(group =>
    {
        Assert.Equal([[3, 4]], group.AllGatherByRank(3, 4));
        group.Barrier();
    });

    [Fact]
    public void Calls_return_before_the_GPU_has_done_them() => With(group =>
    {
        using Tensor values = zeros(1000, device: Gpu.Device);
        group.AllReduceSum(values); // NCCL connects at the first
        values.cpu().Dispose();
        Stopwatch time = Stopwatch.StartNew();
        Gpu.Occupy(2);
        group.AllReduceSum(values);
        double returned = time.Elapsed.TotalSeconds;
        values.cpu().Dispose();
        Assert.True(returned < time.Elapsed.TotalSeconds / 2, $"returned after {returned} s of {time.Elapsed.TotalSeconds}");
    });

    [Fact]
    public void Memory_of_the_GPU_does_not_grow_with_the_calls() => With(group =>
    {
        using Tensor values = zeros(1000, device: Gpu.Device);
        for (int i = 0; i < 10; i++) group.AllReduceSum(values);
        long before = LiveTensors.Settled();
        for (int i = 0; i < 5_000; i++)
        {
            group.AllReduceSum(values);
            using Tensor all = group.AllGather(values);
        }
        values.cpu().Dispose();
        Assert.Equal(before, LiveTensors.Settled());
    });

    [Fact]
    public void A_call_that_the_GPU_does_not_come_to_in_time_is_named_and_can_be_aborted()
    {
        using ManualResetEventSlim ended = new();
        string message = "";
        // Joining may take seconds, too; what occupies the GPU takes longer by far.
        NcclProcessGroup group = Join(TimeSpan.FromSeconds(10), text =>
        {
            message = text;
            ended.Set();
        });
        using Tensor values = zeros(1000, device: Gpu.Device);
        group.AllReduceSum(values); // what is loaded at the first call may wait for the GPU
        values.cpu().Dispose();
        Gpu.Occupy(25);
        group.AllReduceSum(values);
        Assert.True(ended.Wait(TimeSpan.FromSeconds(60)), "the watch said nothing");
        Assert.StartsWith("Rank 0: the all-reduce of 1000 Float32, call 3, has waited", message, StringComparison.Ordinal);
        group.Abort();
        // The GPU goes on: what follows in this process must not be harmed.
        using Tensor later = ones(3, device: Gpu.Device);
        Assert.Equal(3, later.sum().cpu().item<float>());
    }

    [Fact]
    public void After_Complete_nothing_is_called()
    {
        NcclProcessGroup group = Join(TimeSpan.FromMinutes(1));
        using Tensor values = zeros(1000, device: Gpu.Device);
        group.Complete();
        group.Complete();
        Assert.Throws<InvalidOperationException>(() => group.AllReduceSum(values));
    }

    [Fact]
    public void Tensors_of_the_host_are_refused() => With(group =>
    {
        using Tensor values = zeros(3);
        Assert.Throws<ArgumentException>(() => group.AllReduceSum(values));
    });

    private static void With(Action<NcclProcessGroup> work)
    {
        NcclProcessGroup group = Join(TimeSpan.FromMinutes(1));
        try
        {
            work(group);
        }
        finally
        {
            group.Complete();
        }
    }

    private static unsafe NcclProcessGroup Join(TimeSpan patience, Action<string>? end = null)
    {
        _ = Gpu.Device; // skips without one
        NcclLibrary nccl = NcclLibrary.Load();
        UniqueId id = default(UniqueId);
        Assert.Equal(0, nccl.GetUniqueId(&id));
        return new NcclProcessGroup(nccl, CudaRuntime.Load(), new LaunchEnvironment(Launcher.Torchrun, 0, 1, 0, 1),
            new Device(DeviceType.CUDA, 0), id, patience, end: end);
    }

    /// <summary>N×C numbers of a type, each another where the type has as many.</summary>
    private static Tensor Values(ScalarType type, long rows, long columns)
        => Counting(rows * columns).Remainder(100).view(rows, columns).to_type(type).to(Gpu.Device);

    private static void Same(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.Equal(expected.dtype, found.dtype);
        Assert.True(expected.eq(found).all().cpu().item<bool>(), $"{found.cpu()}; expected {expected.cpu()}");
    }
}
