using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Evaluating;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;
using MoCo.Benchmarks.Reporting;

namespace MoCo.Benchmarks;

/// <summary>Linear probe and kNN on features in memory, beside plain PyTorch.</summary>
internal sealed class EvaluationCommand : ICommand
{
    public string Name => "evaluation";

    public string Summary => "linear probe and kNN beside plain PyTorch";

    public string Explanation =>
        "Times two evaluations of random features that are already in memory (60,000x512 and 10,000 to be tested):\n" +
        "  linear_probe   twelve learning rates trained side by side on nine tenths, the best chosen on the rest and\n" +
        "                 trained on all, then tested\n" +
        "  knn            every test vector classified by its 200 nearest of all training vectors\n" +
        "pytorch/evaluation.py does the same work as plain PyTorch code does, in turn with ours, once as it is and once with\n" +
        "OMP_WAIT_POLICY=passive; a ratio is the faster of the two divided by ours (above 1: we are faster); cpu_ratio is the\n" +
        "same of processor time, which a busy machine disturbs less. Figures are medians over rounds of each round's median. Every "
            + "side measures in a process of its own.";

    public IReadOnlyList<Flag> Flags =>
    [
        .. EvaluationJob.Flags,
        new("--alone", null, "measure only ours"),
        new("--json", "FILE", "write the figures as JSON too"),
        new("--rounds", "N", "turns (default: 3)"),
        new("--python", "PATH", "the Python with PyTorch (default: $MOCO_PYTHON, python3, /usr/bin/python3)"),
    ];

    public int Run(CommandLine line)
    {
        EvaluationJob job = EvaluationJob.Parse(line);
        int rounds = line.Whole("--rounds", 3, 1, 1000);
        Side[] sides = line.Has("--alone") ? [Side.Ours] : [Side.Ours, Side.PyTorch, Side.PyTorchPassive];
        JsonObject machine = MachineInfo.Describe(job.Threads);
        EvaluationRunner runner = new(line.Has("--alone") ? null : Python.Find(line.Text("--python")));
        Dictionary<Side, List<Measurement>> measured = sides.ToDictionary(side => side, _ => new List<Measurement>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (Side side in sides)
            {
                Console.Error.WriteLine($"round {round} of {rounds}: {Runner.Name(side)}");
                measured[side].Add(runner.Run(side, job));
            }
        }
        JsonObject json = new();
        foreach (string part in (string[])[EvaluationJob.Probe, EvaluationJob.Knn])
        {
            json[part] = Describe(part, measured);
            Console.WriteLine($"{part}\t{json[part]!.ToJsonString()}");
        }
        foreach ((Side side, List<Measurement> all) in measured)
            Console.WriteLine(
                $"{Runner.Name(side)}\tprobe top-1 {all[^1].Fact("probe_top1")} at rate {all[^1].Fact("probe_rate")}, kNN top-1 "
                + $"{all[^1].Fact("knn_top1")}, peak {all[^1].Fact("peak_memory_mb")} MiB");
        json["machine"] = machine;
        json["settings"] = new JsonObject
        {
            ["rows"] = job.Rows,
            ["queries"] = job.Queries,
            ["dim"] = job.Dimension,
            ["classes"] = job.Classes,
            ["epochs"] = job.Epochs,
            ["rounds"] = rounds,
        };
        if (line.Text("--json") is string path) JsonFile.Write(path, json);
        return 0;
    }

    private static JsonObject Describe(string part, Dictionary<Side, List<Measurement>> measured)
    {
        Dictionary<Side, double> clock = Medians(part), processor = Medians(EvaluationJob.ProcessorTime(part));
        JsonObject json = new() { ["ours_ms"] = clock[Side.Ours], ["ours_cpu_ms"] = processor[Side.Ours] };
        if (clock.Count > 1)
        {
            json["pytorch_ms"] = Math.Min(clock[Side.PyTorch], clock[Side.PyTorchPassive]);
            json["pytorch_default_ms"] = clock[Side.PyTorch];
            json["pytorch_passive_ms"] = clock[Side.PyTorchPassive];
            json["pytorch_cpu_ms"] = Math.Min(processor[Side.PyTorch], processor[Side.PyTorchPassive]);
            json["ratio"] = Ratio(clock);
            json["cpu_ratio"] = Ratio(processor);
        }
        json["ours_rounds_ms"] = new JsonArray([.. measured[Side.Ours].Select(r => (JsonNode)r[part])]);
        return json;

        Dictionary<Side, double> Medians(string key)
            => measured.ToDictionary(m => m.Key, m => Statistics.Median([.. m.Value.Select(r => r[key])]));
        static double Ratio(Dictionary<Side, double> of)
            => Math.Round(Math.Min(of[Side.PyTorch], of[Side.PyTorchPassive]) / of[Side.Ours], 2);
    }
}
