using System.Text.Json;
using MoCo.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed;

/// <summary>What ranks of an MPI job do for a test: each writes what it found by each task into a file of its own.</summary>
internal static class RankProgram
{
    public const string Name = "rank", Then = "then";

    /// <param name="task">The task, the folder to write into, and what the task takes; after <see cref="Then"/> another task.</param>
    public static int Run(string[] task)
    {
        set_num_threads(1);
        if (task is ["readme", string place])
        {
            Packaging.ReadmeTests.RunAsRank(place);
            return 0;
        }
        ProcessGroup group = ProcessGroup.FromEnvironment(
            timeout: TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("MOCO_TEST_PATIENCE") ?? "40")));
        if (task is ["end", string started, string how]) return RankEnds.Run(group, started, how);
        for (int next; task.Length > 0; task = task[next..])
        {
            int end = Array.IndexOf(task, Then);
            next = end < 0 ? task.Length : end + 1;
            Do(group, end < 0 ? task : task[..end]);
        }
        group.Complete();
        return 0;
    }

    private static void Do(ProcessGroup group, string[] task)
    {
        string folder = task[1];
        switch (task[0])
        {
            case "collectives":
                Write(Collectives(group));
                break;
            case "train":
                Write(task[2..].ToDictionary(name => name, name => RankRun.Named[name].Train(group)));
                break;
            case "resume":
                Write(Resume(group, folder, task[2], int.Parse(task[3])));
                break;
            default:
                throw new ArgumentException($"No task {task[0]}.");
        }

        void Write<T>(T result) => File.WriteAllText(
            Path.Combine(folder, $"{task[0]}{group.Rank}.json"), JsonSerializer.Serialize(result, JsonOptions));
    }

    public static JsonSerializerOptions JsonOptions { get; } = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What each rank of a job wrote of a task.</summary>
    public static T[] Read<T>(string folder, string task, int ranks) => [.. Enumerable.Range(0, ranks)
        .Select(rank => JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(folder, $"{task}{rank}.json")), JsonOptions)!)];

    /// <summary>Goes on from the checkpoint of a folder, where there is one, and saves it.</summary>
    public static RankResult Resume(ProcessGroup group, string folder, string name, int steps)
    {
        string file = Path.Combine(folder, "run.ckpt");
        using MoCoTrainer trainer = RankRun.Named[name].Trainer(group);
        if (File.Exists(file)) trainer.Load(file);
        RankRun.Steps(trainer, steps);
        trainer.Save(file);
        return RankResult.Of(trainer, []);
    }

    /// <summary>Makes each collective once and says what is wrong with what came.</summary>
    private static string[] Collectives(ProcessGroup group)
    {
        using DisposeScope scope = NewDisposeScope();
        (int rank, int size) = (group.Rank, group.Size);
        int[] every = [.. Enumerable.Range(0, size)];
        List<string> wrong = [];
        foreach (ScalarType type in (ReadOnlySpan<ScalarType>)[ScalarType.Float32, ScalarType.Float64, ScalarType.Int64,
            ScalarType.Int32, ScalarType.Byte, ScalarType.Bool, ScalarType.BFloat16, ScalarType.Float16])
        {
            Tensor own = Numbers(rank, type);
            Expect($"all-gather of {type}", stack([.. every.Select(r => Numbers(r, type))], 1).flatten(0, 1), group.AllGather(own));
            group.Broadcast(own);
            Expect($"broadcast of {type}", Numbers(0, type), own);
            if (type is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.Int64))
            {
                Refused<NotSupportedException>($"all-reduce of {type}", () => group.AllReduceSum(Numbers(rank, type)));
                continue;
            }
            Tensor sum = Numbers(rank, type);
            group.AllReduceSum(sum);
            Expect($"all-reduce of {type}", every.Select(r => Numbers(r, type)).Aggregate((a, b) => a.Plus(b)), sum);
        }
        // A view that begins in the middle of its storage.
        Tensor whole = Numbers(rank, ScalarType.Float32).flatten(), part = whole.narrow(0, 3, 6);
        group.AllReduceSum(part);
        Expect("all-reduce of a view", every.Select(r => Numbers(r, ScalarType.Float32).flatten().narrow(0, 3, 6))
            .Aggregate((a, b) => a.Plus(b)), whole.narrow(0, 3, 6));
        Expect("what is beside the view", Numbers(rank, ScalarType.Float32).flatten().narrow(0, 0, 3), whole.narrow(0, 0, 3));
        // Rank r sends 1 + (r + to) mod 3 rows to each.
        int[] sent = [.. every.Select(to => 1 + (rank + to) % 3)];
        Tensor rows = cat([.. every.Select(to => Rows(rank, to))], 0);
        Expect("all-to-all", cat([.. every.Select(from => Rows(from, rank))], 0), group.Exchange(rows, new RowCounts(sent, sent)));
        Refused<ArgumentException>("all-reduce of strided memory", () => group.AllReduceSum(zeros(4, 4).t().narrow(0, 0, 2)));
        Expect("empty", empty(0, 3), group.AllGather(empty(0, 3)));
        if (group.Max(rank) != size - 1 || group.Sum(rank) != size * (size - 1) / 2) wrong.Add("Max or Sum");
        if (!group.AllGather([rank, 10 + rank]).SequenceEqual([.. every, .. every.Select(r => 10 + r)])) wrong.Add("numbers");

        // A rank that waits leaves its core to others.
        group.Barrier();
        if (rank == 0) Thread.Sleep(1_000);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        group.Barrier();
        TimeSpan spent = Environment.CpuUsage.TotalTime - before;
        if (spent > TimeSpan.FromMilliseconds(400)) wrong.Add($"a wait of 1,000 ms took {spent.TotalMilliseconds} ms of the processor");

        // Threads may call one after the other.
        Thread other = new(() => group.Barrier());
        other.Start();
        other.Join();

        // What the runtime makes exceptions of signals for still is an exception.
        Caught<NullReferenceException>(() => _ = ((string)null!).Length);
        Caught<DivideByZeroException>(() => _ = size / int.Parse("0"));
        Caught<System.Runtime.InteropServices.ExternalException>(() => zeros(2, 3).Plus(zeros(2, 4)));
        return [.. wrong];

        void Expect(string what, Tensor expected, Tensor found)
        {
            if (!expected.shape.SequenceEqual(found.shape) || expected.dtype != found.dtype || !expected.equal(found).all().item<bool>())
                wrong.Add($"{what}: expected {Text(expected)}, found {Text(found)}");
        }

        void Refused<T>(string what, Action call)
            where T : Exception
        {
            if (Record.Exception(call) is not T) wrong.Add($"{what} was not refused");
        }

        void Caught<T>(Action call)
            where T : Exception
        {
            if (Record.Exception(call) is not T) wrong.Add($"{typeof(T).Name} was not thrown");
        }

        static string Text(Tensor x) => string.Join(" ", x.flatten().to(ScalarType.Float64).data<double>().ToArray());

        static Tensor Rows(int from, int to) => Numbers(from * 8 + to, ScalarType.Float32)[0].unsqueeze(0).repeat(1 + (from + to) % 3, 1);
    }

    private static Tensor Numbers(int rank, ScalarType type)
    {
        using Generator generator = new((ulong)rank, CPU);
        return randint(0, 2, [3L, 4L], generator: generator).to(type);
    }
}
