using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MoCo.Distributed.Mpi;
using MoCo.Distributed.Nccl;

namespace MoCo.Distributed;

/// <summary>The processes that train one model together. Every rank makes the same calls in the same order.</summary>
/// <remarks>A batch is dealt like cards: sample n of the whole batch is row n / <see cref="Size"/> of rank n mod <see cref="Size"/>. So
/// rank r's part is what <see cref="Encoders.SplitBatchNorm2d"/> calls group r, and N processes compute what one process with N groups
/// does.</remarks>
public abstract class ProcessGroup
{
    /// <summary>The exit code of a process that ends without <see cref="Complete"/> and without a code of its own.</summary>
    internal const int BrokenExitCode = 70;

    /// <summary>Bytes that one call may move: counts are 32-bit.</summary>
    private const long MostBytes = int.MaxValue;

    private static readonly bool IsChecking = Environment.GetEnvironmentVariable("MOCO_CHECK") == "1";

    private protected ProcessGroup()
    {
    }

    /// <summary>One process alone; it loads nothing.</summary>
    public static ProcessGroup Single { get; } = new SingleProcess();

    /// <summary>This process, 0 … <see cref="Size"/> − 1. Rank 0 writes the files.</summary>
    public abstract int Rank { get; }

    /// <summary>The processes.</summary>
    public abstract int Size { get; }

    /// <summary>This process among those of its machine: the number of its GPU.</summary>
    internal abstract int LocalRank { get; }

    /// <summary>The processes of this machine, which share its cores.</summary>
    public abstract int LocalSize { get; }

    /// <summary>Joins the processes that a launcher has started; without one it is <see cref="Single"/>. Ranks on a CPU talk by MPI (Open
    /// MPI or MPICH, whichever launched them), ranks on GPUs by NCCL, whichever launched them.</summary>
    /// <remarks>From here on a process that ends without <see cref="Complete"/>, however it ends, has an exit code that is not 0, and ends
    /// all others: MPI's launchers and <c>torchrun</c> see to it, <c>srun</c> where it is given <c>--kill-on-bad-exit=1</c>.
    /// <para>Ranks on GPUs that no MPI launcher has started meet at <c>MASTER_ADDR</c>, rank 0's machine, and <c>MASTER_PORT</c>, which
    /// <c>torchrun</c> sets and a job script of SLURM's must. Where torchrun's own store has that port
    /// (<c>TORCHELASTIC_USE_AGENT_STORE</c>), they meet at the next one; <c>MOCO_MASTER_PORT</c> names another.</para></remarks>
    /// <param name="device">Where this rank trains; null is the CPU. A GPU has its number: <see cref="LocalRank"/> where every rank sees
    /// all of its machine's.</param>
    /// <param name="timeout">How long a rank waits for the others before it gives up and ends the job; null: the seconds of
    /// <c>MOCO_TIMEOUT</c>, or 30 minutes.</param>
    /// <exception cref="ProcessGroupException">The launcher's variables are set by half or contradict each other, or what joins the
    /// processes is missing, or of another launcher; no library joins ranks on such a device.</exception>
    public static ProcessGroup FromEnvironment(Device? device = null, TimeSpan? timeout = null)
        => Launched(LaunchEnvironment.Read(), device ?? CPU, timeout ?? UsualTimeout());

    /// <summary>Refuses ranks that differ in what they should have alike, before the first call in which they would wait for each other for
    /// ever, or train models of their own. Every rank makes the call, with the same names.</summary>
    /// <param name="values">What is compared: its name, and its value as text.</param>
    /// <exception cref="ProcessGroupException">A rank has another value; every rank throws, and tells the names and its own
    /// values.</exception>
    public void RequireEqual(params (string Name, string? Value)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Size == 1 || values.Length == 0) return;
        long[] digests = [.. values.Select(value => BinaryPrimitives.ReadInt64LittleEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(value.Value ?? "\0"))))];
        long[][] all = AllGatherByRank(digests);
        int other = Array.FindIndex(all, theirs => !theirs.AsSpan().SequenceEqual(all[0]));
        if (other < 0) return;
        IEnumerable<string> differing = values.Where((_, at) => all[other][at] != all[0][at])
            .Select(value => $"{value.Name} (here {value.Value ?? "none"})");
        throw new ProcessGroupException(
            $"Rank {other} differs from rank 0 in {string.Join(", ", differing)}; expected the same on every rank.");
    }

    private static TimeSpan UsualTimeout()
    {
        string? text = Environment.GetEnvironmentVariable("MOCO_TIMEOUT");
        if (string.IsNullOrEmpty(text)) return TimeSpan.FromMinutes(30);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : throw new ProcessGroupException($"MOCO_TIMEOUT is '{text}'; expected seconds, a whole number above 0.");
    }

    internal static ProcessGroup Launched(LaunchEnvironment launched, Device device, TimeSpan timeout)
    {
        if (launched.Size == 1) return Single;
        if (timeout <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Expected more than no time.");
        timeout = TimeSpan.FromTicks(Math.Min(timeout.Ticks, TimeSpan.FromDays(24).Ticks)); // waits take 2³¹ ms at most
        if (!OperatingSystem.IsLinux())
            throw new ProcessGroupException(
                $"{launched.SizeVariable} says {launched.Size} processes; many train together on Linux alone, and this is "
                + $"{RuntimeInformation.OSDescription}.");
        return (device.type, launched.Launcher) switch
        {
            (DeviceType.CUDA, _) => NcclProcessGroup.Join(launched, device, timeout),
            (DeviceType.CPU, Launcher.Torchrun) => throw new ProcessGroupException(
                $"{launched.SizeVariable} says {launched.Size} processes, which torchrun launched, and they train on the CPU, where ranks "
                + "talk by MPI: launch them with mpirun, mpiexec or srun, or train on GPUs."),
            (DeviceType.CPU, _) => MpiProcessGroup.Join(launched, timeout),
            _ => throw new ProcessGroupException(
                $"{launched.SizeVariable} says {launched.Size} processes, and the device is {device}; expected the CPU, where ranks talk "
                + "by MPI, or CUDA, where they talk by NCCL."),
        };
    }

    /// <summary>Ends the common work: the last call of a run that went well, or that all ranks stopped together. Returns when all ranks
    /// have called it; afterwards the processes may end one by one, with any exit code.</summary>
    public abstract void Complete();

    /// <summary>The rows of all ranks in the samples' order: row n is row n / <see cref="Size"/> of rank n mod
    /// <see cref="Size"/>.</summary>
    /// <param name="rows">N×…, the same shape on every rank, without gradient.</param>
    /// <returns>(Size·N)×…, the same on every rank; a tensor of its own.</returns>
    public Tensor AllGather(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor input = rows.detach().contiguous();
        Tensor all = empty([Size, .. input.shape], dtype: input.dtype, device: input.device); // ranks×N×…
        Checked("all-gather", input, () => Gather(input, all));
        return all.transpose(0, 1).flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>The sum over all ranks, the same bits on each, in place.</summary>
    /// <param name="values">Contiguous float32, float64 or int64, on GPUs also bfloat16 or float16; the same shape on every rank.</param>
    public void AllReduceSum(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Contiguous(values, nameof(values));
        Checked("all-reduce", values, () => Add(values));
    }

    /// <summary>Rank 0's numbers on every rank, in place.</summary>
    /// <param name="values">Any type, the same shape on every rank.</param>
    public void Broadcast(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor dense = OnDevice(values.detach().contiguous());
        Checked("broadcast", dense, () => Send(dense));
        if (dense.Handle != values.Handle) values.copy_(dense);
    }

    /// <summary>Mean over all ranks, in place; <see cref="AllReduceSum"/> divided by <see cref="Size"/>.</summary>
    internal void AllReduceMean(Tensor values)
    {
        if (Size == 1) return;
        AllReduceSum(values);
        using IDisposable constant = no_grad();
        using Scalar ranks = ((double)Size).ToScalar();
        values.div_(ranks);
    }

    /// <summary>The whole batch's rows with the gradient of this rank's, for a loss that every rank computes whole, such as one whose
    /// negatives are the batch.</summary>
    /// <remarks>The gradient of this rank's rows counts <see cref="Size"/> times, since the trainer takes the mean of the ranks' gradients,
    /// and each rank has the part of the sum that its own rows give.</remarks>
    /// <param name="rows">N×…, floating, the same shape on every rank.</param>
    /// <returns>(Size·N)×… in the samples' order.</returns>
    public Tensor Whole(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (Size == 1) return rows.alias();
        using DisposeScope scope = NewDisposeScope();
        Tensor all = AllGather(rows);
        if (!rows.requires_grad) return all.MoveToOuterDisposeScope();
        using Scalar ranks = ((double)Size).ToScalar(), others = (Size - 1.0).ToScalar();
        Tensor live = rows.mul(ranks).sub(rows.detach().mul(others)); // the value of rows, its gradient Size times
        Tensor[] byRank = [.. all.unflatten(0, [-1, Size]).unbind(1)];
        byRank[Rank] = live;
        return stack(byRank, 1).flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>This rank's rows of a whole batch.</summary>
    internal Tensor OwnRows(Tensor whole) => Size == 1 ? whole.alias() : whole.slice(0, Rank, whole.shape[0], Size);

    /// <summary>The numbers of all ranks in the samples' order.</summary>
    internal int[] AllGather(ReadOnlySpan<int> numbers)
    {
        if (Size == 1 || numbers.IsEmpty) return numbers.ToArray();
        using DisposeScope scope = NewDisposeScope();
        return AllGather(OnDevice(tensor(numbers.ToArray()))).cpu().data<int>().ToArray();
    }

    /// <summary>The numbers of all ranks by rank, as many of each.</summary>
    internal long[][] AllGatherByRank(params long[] numbers)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor host = tensor(numbers).unsqueeze(0);
        long[] all = AllGather(OnDevice(host)).cpu().data<long>().ToArray(); // Size×numbers
        return [.. all.Chunk(numbers.Length)];
    }

    /// <summary>The highest of the ranks' numbers, on every rank.</summary>
    public long Max(long value) => Size == 1 ? value : AllGatherByRank(value).Max(numbers => numbers[0]);

    /// <summary>The sum of the ranks' numbers, on every rank.</summary>
    public long Sum(long value) => Size == 1 ? value : AllGatherByRank(value).Sum(numbers => numbers[0]);

    /// <summary>Rows of other ranks for rows of this one's: what each rank sends and gets by rank, in rank order.</summary>
    /// <param name="rows">N×…, contiguous or channels-last: first those for rank 0, then those for rank 1 …</param>
    /// <param name="counts">How many rows go to each rank, and come from it.</param>
    /// <returns>M×… in the input's layout: first those of rank 0, then those of rank 1 …</returns>
    internal Tensor Exchange(Tensor rows, RowCounts counts)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        // Memory that runs N, H, W, C is contiguous once it is seen so.
        bool isLast = !rows.is_contiguous() && rows.dim() == 4;
        Tensor sent = OnDevice((isLast ? rows.detach().permute(0, 2, 3, 1) : rows.detach()).contiguous());
        Tensor received = empty([counts.Received.Sum(), .. sent.shape[1..]], dtype: sent.dtype, device: sent.device);
        Checked("all-to-all", Larger(sent, received), () => Trade(sent, received, counts), alike: false);
        return (isLast ? received.permute(0, 3, 1, 2) : received).MoveToOuterDisposeScope();
    }

    /// <summary>Rank 0's number, on every rank.</summary>
    internal long OfRankZero(long value) => Size == 1 ? value : AllGatherByRank(value)[0][0];

    /// <summary>Waits for all ranks.</summary>
    internal void Barrier() => Max(0);

    /// <summary>Where small numbers go before they are exchanged: NCCL sends what lies on a GPU.</summary>
    private protected virtual Tensor OnDevice(Tensor numbers) => numbers.alias();

    /// <param name="input">Contiguous.</param>
    /// <param name="output">Contiguous, Size times as large: the inputs in rank order.</param>
    private protected abstract void Gather(Tensor input, Tensor output);

    /// <param name="values">Contiguous; becomes the sum over all ranks.</param>
    private protected abstract void Add(Tensor values);

    /// <param name="values">Contiguous; becomes rank 0's.</param>
    private protected abstract void Send(Tensor values);

    /// <param name="sent">Contiguous: the rows for each rank, in rank order.</param>
    /// <param name="received">Contiguous: the rows from each rank, in rank order.</param>
    /// <param name="rows">How many of each.</param>
    private protected abstract void Trade(Tensor sent, Tensor received, RowCounts rows);

    /// <summary>Of what is sent and received, that with more to move: either may be empty where the other is not.</summary>
    private protected static Tensor Larger(Tensor sent, Tensor received) => sent.numel() >= received.numel() ? sent : received;

    private static void Contiguous(Tensor values, string name)
    {
        if (!values.is_contiguous())
            throw new ArgumentException(
                $"{name} is {string.Join("×", values.shape)} with strides {string.Join(", ", values.stride())}; expected contiguous "
                + "memory.",
                name);
    }

    /// <summary>Refuses what no call can move. With <c>MOCO_CHECK=1</c> also compares the calls of all ranks before each: libraries corrupt
    /// memory where lengths differ.</summary>
    private void Checked(string call, Tensor values, Action collective, bool alike = true)
    {
        long bytes = values.numel() * values.ElementSize;
        if (bytes * (call == "all-gather" ? Size : 1) > MostBytes)
            throw new ArgumentException(
                $"The {call} is of {string.Join("×", values.shape)} {values.dtype}, {bytes} bytes on each of {Size} "
                + $"ranks; at most {MostBytes} can be moved in one call.", nameof(values));
        if (IsChecking && Size > 1) Compare(call, values, alike ? values.numel() : 0);
        collective();
    }

    private void Compare(string call, Tensor values, long length)
    {
        using DisposeScope scope = NewDisposeScope();
        long kind = call.Aggregate(0L, (sum, letter) => sum * 31 + letter);
        Tensor mine = OnDevice(tensor([kind, (long)values.dtype, length]));
        Tensor all = empty(Size, 3, dtype: ScalarType.Int64, device: mine.device);
        Gather(mine, all);
        long[][] calls = [.. all.cpu().data<long>().ToArray().Chunk(3)];
        int other = Array.FindIndex(calls, theirs => !theirs.AsSpan().SequenceEqual(calls[Rank]));
        if (other >= 0)
            throw new ProcessGroupException(
                $"Rank {Rank} is at the {call} of {string.Join("×", values.shape)} {values.dtype}, rank {other} at another call, type or "
                + "length; expected every rank to make the same calls in the same order.");
    }
}
