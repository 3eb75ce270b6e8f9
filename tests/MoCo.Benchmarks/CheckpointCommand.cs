using System.Diagnostics;
using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Reporting;
using MoCo.Encoders;
using MoCo.Training.Checkpoints;

namespace MoCo.Benchmarks;

/// <summary>Saving and loading a whole run, beside the disk's own speed.</summary>
internal sealed class CheckpointCommand : ICommand
{
    public string Name => "checkpoint";

    public string Summary => "save and load of a ResNet-50 with its queue, and how long training is held up";

    public string Explanation =>
        "Builds a trainer (ResNet-50, MLP head, K 65,536) and saves it into a checkpoint folder, in turn with a plain file of the\n" +
        "same size that is written and flushed to the disk:\n" +
        "  held_up   seconds that training waits: the copy in memory; the first copy also waits for its pages\n" +
        "  save      until the file is whole on the disk, seal and flush included\n" +
        "  plain     the plain file: what the disk can do\n" +
        "  load      a checkpoint's seal checked and its tensors copied into the trainer\n" +
        "Figures are medians over the rounds; the files' pages are in memory when they are loaded.";

    public IReadOnlyList<Flag> Flags =>
    [
        new("--folder", "DIR", "where the files are written (default: the system's folder for temporary files)"),
        new("--rounds", "N", "turns (default: 3)"),
        new("--small", null, "a ResNet-18 of a quarter's width with K 4,096, to see that all works"),
        new("--json", "FILE", "write the figures as JSON too"),
    ];

    public int Run(CommandLine line)
    {
        int rounds = line.Whole("--rounds", 3, 1, 1000);
        MoCoOptions options = line.Has("--small")
            ? MoCoOptions.V2 with
            {
                Encoder = MoCoOptions.V2.Encoder with { Backbone = Backbone.ResNet18, Width = 0.25 },
                Queue = MoCoOptions.V2.Queue with { Length = 4096 }
            }
            : MoCoOptions.V2;
        string folder = Directory.CreateDirectory(
            Path.Combine(line.Text("--folder") ?? Path.GetTempPath(), $"moco-checkpoint-{Environment.ProcessId}")).FullName;
        try
        {
            JsonObject json = Measure(options, folder, rounds);
            json["machine"] = MachineInfo.Describe(Environment.ProcessorCount);
            Console.WriteLine(json.ToJsonString());
            if (line.Text("--json") is string path) JsonFile.Write(path, json);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static JsonObject Measure(MoCoOptions options, string folder, int rounds)
    {
        using MoCoTrainer trainer = new(options);
        using CheckpointFolder checkpoints = new(folder);
        List<double> heldUp = [], save = [], plain = [], load = [];
        double first = 0;
        // The first turn is for warming up; only its copy is looked at.
        for (int round = 0; round <= rounds; round++)
        {
            double saved = Seconds(() =>
            {
                trainer.Save(checkpoints);
                checkpoints.Flush();
            });
            double written = Seconds(() => WritePlain(Path.Combine(folder, "plain"), new FileInfo(checkpoints.Last).Length));
            double loaded = Seconds(() => trainer.Load(checkpoints.Last));
            if (round == 0)
            {
                first = checkpoints.SecondsHeldUp;
                continue;
            }
            heldUp.Add(checkpoints.SecondsHeldUp);
            save.Add(saved);
            plain.Add(written);
            load.Add(loaded);
        }
        double megabytes = new FileInfo(checkpoints.Last).Length / 1e6;
        return new JsonObject
        {
            ["megabytes"] = Math.Round(megabytes, 1),
            ["held_up_seconds"] = Math.Round(Middle(heldUp), 3),
            ["held_up_first_seconds"] = Math.Round(first, 3),
            ["save_seconds"] = Math.Round(Middle(save), 3),
            ["save_megabytes_per_second"] = Math.Round(megabytes / Middle(save)),
            ["plain_megabytes_per_second"] = Math.Round(megabytes / Middle(plain)),
            ["load_seconds"] = Math.Round(Middle(load), 3),
            ["load_megabytes_per_second"] = Math.Round(megabytes / Middle(load)),
            ["rounds"] = rounds,
        };
    }

    private static double Middle(List<double> values) => Measuring.Statistics.Median([.. values]);

    private static double Seconds(Action work)
    {
        long started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void WritePlain(string path, long length)
    {
        byte[] block = new byte[1 << 20];
        new Random(0).NextBytes(block);
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        for (long left = length; left > 0; left -= block.Length) stream.Write(block, 0, (int)Math.Min(left, block.Length));
        stream.Flush(flushToDisk: true);
    }
}
