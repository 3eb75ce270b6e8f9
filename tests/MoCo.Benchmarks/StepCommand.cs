using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;
using MoCo.Benchmarks.Reporting;

namespace MoCo.Benchmarks;

/// <summary>One training step and its parts, alone or beside plain TorchSharp and PyTorch.</summary>
internal sealed class StepCommand : ICommand
{
    public string Name => "step";

    public string Summary => "one training step and its parts; with --compare beside plain TorchSharp and PyTorch";

    public string Explanation =>
        "Times one training step on images that are already there (no loader, no augmentation):\n" +
        "  resnet18          batch 128, 32x32; resnet50: batch 16 (CUDA: 256), 224x224; torchvision's stem in both;\n" +
        "                    128 dimensions, linear head, K 65536, plain BatchNorm. Beside the step its bare passes:\n" +
        "                    query encoder forward and backward, key encoder forward. Overhead is what a step takes\n" +
        "                    beyond them, as a share of them.\n" +
        "  info_nce          loss of 128 queries against 65536 keys, forward and backward to the queries\n" +
        "  momentum_update, sgd, enqueue   of the ResNet-18 above\n" +
        "  loader            pairs of views a second from grey 28x28 images in memory, 1 and 2 workers\n" +
        "Figures are medians over rounds of each round's median. --compare first checks that all sides begin with the same\n" +
        "loss, then runs the official code's step in turn with ours: in plain TorchSharp on the same libtorch, and in PyTorch\n" +
        "(pytorch/step.py) as it is and with OMP_WAIT_POLICY=passive, of which the faster counts. A ratio is theirs divided by\n" +
        "ours (above 1: we are faster). Every side measures in a process of its own that ends before the next begins.";

    public IReadOnlyList<Flag> Flags => StepOptions.Flags;

    public int Run(CommandLine line)
    {
        StepOptions options = StepOptions.Parse(line);
        Python? python = options.Compare ? Python.Find(options.Python) : null;
        Runner runner = new(python);
        IReadOnlyList<Job> jobs = options.Jobs();
        StepResults results = new();
        JsonObject machine = MachineInfo.Describe(options.Threads);
        List<(Job Job, Measurement Losses)> firstLosses = [];
        foreach (Job job in options.Compare ? jobs.Where(j => j.Parts.Contains(Part.Step) && !j.BFloat16 && j.Device == "cpu") : [])
        {
            firstLosses.Add((job, runner.CheckPeers(job)));
            Console.Error.WriteLine($"{job.Name}: all sides begin with the same loss");
        }
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (Job job in jobs)
            {
                foreach (Side side in Sides(options, job))
                {
                    Console.Error.WriteLine($"round {round} of {options.Rounds}: {job.Name}, {Runner.Name(side)}");
                    results.Add(job, side, runner.Run(side, job));
                }
            }
        }
        StepTable.Print(results, options);
        if (options.Json is not null) JsonFile.Write(options.Json, StepJson.Of(results, firstLosses, options, machine));
        return 0;
    }

    private static Side[] Sides(StepOptions options, Job job)
        => !options.Compare || job.Name == StepOptions.Loader ? [Side.Ours]
            : MeasureTorchSharpCommand.Supports(job) ? [Side.Ours, Side.TorchSharp, Side.PyTorch, Side.PyTorchPassive]
            : [Side.Ours, Side.PyTorch, Side.PyTorchPassive];
}
