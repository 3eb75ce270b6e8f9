using MoCo.Distributed;
using TorchSharp;
using static MoCo.Tensors.HeldScalars;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared;

/// <summary>Ranks that are threads of one process.</summary>
internal sealed class ThreadGroup(int rank, ThreadGroup.Exchanger exchange) : ProcessGroup
{
    public override int Rank => rank;

    public override int Size => exchange.Slots.Length;

    internal override int LocalRank => rank;

    public override int LocalSize => Size;

    /// <summary>The calls that were made.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What a rank makes of its own numbers and the sum over all in an all-reduce; a mistake, where a test plants one.</summary>
    public Func<Tensor, Tensor, Tensor> Reduce { get; set; } = (_, sum) => sum;

    /// <summary>Runs something on each of so many ranks, and gives what came of it in rank order; throws what one of them threw.</summary>
    public static T[] Run<T>(int ranks, Func<ThreadGroup, T> work)
    {
        Exchanger exchange = new(ranks);
        return RankThreads.Run(ranks, rank => work(new ThreadGroup(rank, exchange)), exchange.Stop);
    }

    public override void Complete() => Meet(empty(0), _ => true);

    private protected override void Gather(Tensor input, Tensor output)
        => Meet(input, all => output.copy_(stack(all, 0).view(output.shape)), "all-gather");

    private protected override void Add(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = Meet(values, all => all.Aggregate((a, b) => a.add(b, One)), "all-reduce");
        values.copy_(Reduce(values, sum));
    }

    private protected override void Send(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        values.copy_(Meet(values, all => all[0].clone(), "broadcast"));
    }

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows)
    {
        using DisposeScope scope = NewDisposeScope();
        int[][] plans = Meet((sent, rows), all => all.Select(a => a.rows.Sent).ToArray(), "all-to-all");
        received.copy_(Meet(sent, all => cat(
            [.. all.Select((rows, from) => rows.narrow(0, plans[from].Take(rank).Sum(), plans[from][rank]))], 0)));
    }

    private TResult Meet<T, TResult>(T mine, Func<T[], TResult> use, string? call = null)
    {
        if (call is not null) Calls.Add(call);
        using IDisposable constant = no_grad();
        exchange.Slots[rank] = mine!;
        exchange.Wait();
        TResult result = use([.. exchange.Slots.Cast<T>()]);
        exchange.Wait();
        return result;
    }

    /// <summary>Where the threads meet.</summary>
    internal sealed class Exchanger(int ranks)
    {
        private readonly object gate = new();
        private int waiting;
        private long round;
        private bool stopped;

        public object[] Slots { get; } = new object[ranks];

        public void Wait()
        {
            lock (gate)
            {
                long mine = round;
                if (++waiting == ranks)
                {
                    (waiting, round) = (0, round + 1);
                    Monitor.PulseAll(gate);
                }
                while (round == mine && !stopped) Monitor.Wait(gate);
                if (round == mine) throw new OperationCanceledException("Another rank has failed.");
            }
        }

        public void Stop()
        {
            lock (gate)
            {
                stopped = true;
                Monitor.PulseAll(gate);
            }
        }
    }
}
