using System.Diagnostics;
using MoCo.Distributed;
using MoCo.Distributed.Nccl;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed.Nccl;

/// <summary>Ranks against the stand-in for NCCL: what is asked of it, and what becomes of a call that does not end.</summary>
public sealed class NcclProcessGroupTests : IDisposable
{
    public NcclProcessGroupTests() => Dispose();

    public void Dispose()
    {
        (StandIn.Hangs, StandIn.AsynchronousError, StandIn.ReduceStatus) = (false, 0, 0);
        (StandIn.Aborted, StandIn.Destroyed) = (0, 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Ranks_get_what_ranks_in_threads_get(int ranks)
        => Assert.Equal(ThreadGroup.Run(ranks, Everything), StandIn.Run(ranks, Everything));

    [Fact]
    public void A_rank_may_send_rows_and_get_none()
    {
        double[][] got = StandIn.Run(2, group =>
        {
            using Tensor rows = group.Rank == 0 ? tensor([1.0, 2.0]).view(2, 1) : tensor([3.0, 4.0, 5.0]).view(3, 1);
            RowCounts counts = group.Rank == 0 ? new([0, 2], [0, 0]) : new([0, 3], [2, 3]);
            using Tensor received = group.Exchange(rows, counts);
            return received.numel() == 0 ? [] : received.data<double>().ToArray();
        });
        Assert.Equal([[], [1, 2, 3, 4, 5]], got);
    }

    [Theory]
    [InlineData(ScalarType.Int64, 4)]
    [InlineData(ScalarType.Float16, 6)]
    [InlineData(ScalarType.Float32, 7)]
    [InlineData(ScalarType.Float64, 8)]
    [InlineData(ScalarType.BFloat16, 9)]
    public void Types_have_the_numbers_of_ncclDataType_t(ScalarType type, int number) => Assert.Equal(number, NcclLibrary.TypeOf(type));

    [Fact]
    public void A_type_that_is_not_added_is_refused_by_name()
    {
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId());
        using Tensor values = zeros(3, dtype: ScalarType.Int32);
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => group.AllReduceSum(values));
        Assert.Equal("The all-reduce is of Int32; expected Float32, Float64, Int64, BFloat16 or Float16.", error.Message);
        group.Complete();
    }

    [Fact]
    public void The_id_goes_by_value_between_other_arguments()
    {
        UniqueId id = StandIn.NewId();
        Assert.Equal(128, UniqueId.Length);
        unsafe
        {
            Assert.Equal(128, sizeof(UniqueId));
        }
        NcclProcessGroup group = StandIn.Join(0, 1, UniqueId.From(id.ToArray()));
        Assert.Equal(id.ToArray(), StandIn.Joined.Id);
        Assert.Equal(1, StandIn.Joined.Ranks);
        group.Complete();
    }

    [Fact]
    public void A_call_that_the_device_does_not_end_is_named()
    {
        using Message ended = new();
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId(), TimeSpan.FromSeconds(0.3), end: ended.Set);
        using Tensor values = zeros(2, 3), others = zeros(4, dtype: ScalarType.Float64);
        group.AllReduceSum(values);
        StandIn.Hangs = true;
        group.AllReduceSum(others);
        group.Broadcast(values);
        string message = ended.Take();
        Assert.Matches("^Rank 0: the (all-reduce of 4 Float64, call 3|all-reduce of 2×3 Float32, call 2), has waited for the other ranks "
            + "for 0 s, the time-out; they are gone, stuck or at another call. This rank ends, and the job with it.$", message);
    }

    [Fact]
    public void A_call_has_as_long_as_the_time_out_from_the_end_of_the_one_before()
    {
        using Message ended = new();
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId(), TimeSpan.FromMinutes(1), end: ended.Set);
        using Tensor values = zeros(2, 3);
        for (int i = 0; i < 100; i++) group.AllReduceSum(values);
        group.Complete();
        Assert.False(ended.IsSet);
    }

    [Fact]
    public void An_error_that_comes_meanwhile_is_told_with_the_call_that_waits()
    {
        using Message ended = new();
        StandIn.Hangs = true;
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId(), TimeSpan.FromMinutes(1), end: ended.Set);
        using Tensor values = zeros(2, 3);
        group.AllReduceSum(values);
        StandIn.AsynchronousError = 7; // in progress
        Thread.Sleep(1_500);
        Assert.False(ended.IsSet);
        StandIn.AsynchronousError = 6;
        Assert.Equal("Rank 0: the all-reduce of 2×3 Float32, call 2, cannot end: error 6 (stand-in's words). This rank ends, and the job "
            + "with it.", ended.Take());
        group.Abort();
        group.Abort();
        Assert.Equal(1, StandIn.Aborted);
    }

    [Fact]
    public void A_call_that_fails_is_named()
    {
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId());
        using Tensor values = zeros(2, 3);
        StandIn.ReduceStatus = 5;
        Assert.Equal("Rank 0: all-reduce of 2×3 Float32 failed in NCCL 2.27.5 (stand-in): error 5 (stand-in's words).",
            Assert.Throws<ProcessGroupException>(() => group.AllReduceSum(values)).Message);
        StandIn.ReduceStatus = 0;
        group.Complete();
    }

    [Fact]
    public void A_group_that_cannot_join_says_so()
        => Assert.Equal("Rank 3 on cpu cannot join 2 ranks by NCCL 2.27.5 (stand-in): error 4 (stand-in's words).",
            Assert.Throws<ProcessGroupException>(() => StandIn.Join(3, 2, StandIn.NewId())).Message);

    [Fact]
    public void Tensors_elsewhere_are_refused()
    {
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId());
        using Tensor values = zeros(2, 3, device: META);
        Assert.Equal("The all-reduce is of a tensor on meta; expected cpu, where this rank talks by NCCL 2.27.5 (stand-in).",
            Assert.Throws<ArgumentException>(() => group.AllReduceSum(values)).Message);
        group.Complete();
    }

    [Fact]
    public void Complete_lets_go_of_NCCL_once_then_of_what_launched()
    {
        NcclProcessGroup launcher = StandIn.Join(0, 1, StandIn.NewId()), group = StandIn.Join(0, 1, StandIn.NewId(), launcher: launcher);
        using Tensor values = zeros(2, 3);
        group.Complete();
        group.Complete();
        Assert.Equal(2, StandIn.Destroyed);
        Assert.Throws<InvalidOperationException>(() => group.AllReduceSum(values));
        Assert.Throws<InvalidOperationException>(() => launcher.AllReduceSum(values));
    }

    [Fact]
    public void Events_are_given_back()
    {
        Stopwatch time = Stopwatch.StartNew();
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId(), TimeSpan.FromSeconds(5));
        int before = Volatile.Read(ref StandIn.Events);
        using Tensor values = zeros(2, 3);
        for (int i = 0; i < 50; i++) group.AllReduceSum(values);
        while (Volatile.Read(ref StandIn.Events) > before && time.Elapsed < TimeSpan.FromSeconds(20)) Thread.Sleep(20);
        Assert.True(Volatile.Read(ref StandIn.Events) <= before, $"{StandIn.Events} events, {before} before");
        group.Complete();
    }

    [Theory]
    [InlineData("complete", 0, 0)]
    [InlineData("complete", 3, 3)]
    [InlineData("leave", 0, 70)]
    [InlineData("leave", 3, 3)]
    [InlineData("exit", 0, 70)]
    [InlineData("hang", 0, 70)]
    public void A_process_ends_well_only_after_Complete(string way, int code, int expected)
    {
        (int exitCode, _, string errors) = OwnProgram.Run(heapLimit: 0, GroupEndProgram.Name, way, $"{code}");
        Assert.True(expected == exitCode, $"{way} {code}: exit code {exitCode}, expected {expected}\n{errors}");
        if (way == "hang") Assert.Contains("Rank 0: the all-reduce of 3 Float32, call 2, has waited", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda:1", 2, 2, 1)]
    [InlineData("cuda", 1, 8, 0)]
    [InlineData("cuda", 8, 1, 0)]
    public void A_rank_has_the_GPU_that_it_is_given(string device, int localRanks, int gpus, int expected)
        => Assert.Equal(expected,
            NcclProcessGroup.GpuOf(new LaunchEnvironment(Launcher.Torchrun, 0, 8, 0, localRanks), Cuda(device), gpus));

    [Theory]
    [InlineData("cuda:0", 0, "The device is cuda:0, and libtorch sees no GPU; *")]
    [InlineData("cuda:2", 2, "The device is cuda:2, and this rank sees 2 GPUs; expected cuda:0 to cuda:1, *")]
    [InlineData("cuda", 4, "The device is cuda without a number, and 4 ranks of this machine see 4 GPUs; expected cuda:3, the local *")]
    public void A_GPU_that_is_none_or_not_one_ranks_own_is_refused(string device, int gpus, string expected)
    {
        ProcessGroupException error = Assert.Throws<ProcessGroupException>(
            () => NcclProcessGroup.GpuOf(new LaunchEnvironment(Launcher.Torchrun, 7, 8, 3, 4), Cuda(device), gpus));
        Assert.StartsWith(expected.TrimEnd('*'), error.Message, StringComparison.Ordinal);
    }

    private static Device Cuda(string device) => new(DeviceType.CUDA, device.Split(':') is [_, string index] ? int.Parse(index) : -1);

    /// <summary>What every kind of call gives on a rank, as text.</summary>
    private static string Everything(ProcessGroup group)
    {
        using DisposeScope scope = NewDisposeScope();
        List<string> found = [];
        int rank = group.Rank, size = group.Size;
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Byte })
            Note(group.AllGather(Counting(6, dtype: type).view(3, 2).Plus(Filled(3, 2, rank * 10, type))));
        foreach (ScalarType type in new[] { ScalarType.Float16, ScalarType.Float32, ScalarType.Float64, ScalarType.Int64 })
        {
            Tensor values = Filled(2, 3, rank + 1, type);
            group.AllReduceSum(values);
            Note(values);
        }
        Tensor strided = Counting(6, dtype: ScalarType.Float64).view(2, 3).Plus(rank * 100.0).transpose(0, 1);
        group.Broadcast(strided);
        Note(strided);
        // To rank r go r + 1 rows, but from the last rank none to itself.
        int last = size - 1;
        int[] sent = [.. Enumerable.Range(0, size).Select(to => Rows(rank, to))];
        int[] received = [.. Enumerable.Range(0, size).Select(from => Rows(from, rank))];
        if (received.Sum() > 0 && sent.Sum() > 0)
        {
            Tensor rows = Counting(sent.Sum() * 2, dtype: ScalarType.Float32).view(-1, 2).Plus(rank * 1000.0);
            Note(group.Exchange(rows, new RowCounts(sent, received)));
        }
        found.Add($"{group.Max(rank * 7)} {group.Sum(rank * 7)}");
        return string.Join('\n', found);

        int Rows(int from, int to) => size > 1 && from == last && to == last ? 0 : to + 1;

        void Note(Tensor values)
            => found.Add($"{values.dtype} {string.Join(",", values.to_type(ScalarType.Float64).contiguous().data<double>().ToArray())}");

        static Tensor Filled(long rows, long columns, int value, ScalarType type)
        {
            using Scalar scalar = ((double)value).ToScalar();
            return torch.full([rows, columns], scalar, dtype: type);
        }
    }

    /// <summary>One message that another thread brings.</summary>
    private sealed class Message : IDisposable
    {
        private readonly ManualResetEventSlim came = new();
        private string message = "";

        public bool IsSet => came.IsSet;

        public void Set(string text)
        {
            message = text;
            came.Set();
        }

        public string Take()
        {
            Assert.True(came.Wait(TimeSpan.FromSeconds(30)), "nothing was told");
            return message;
        }

        public void Dispose() => came.Dispose();
    }
}
