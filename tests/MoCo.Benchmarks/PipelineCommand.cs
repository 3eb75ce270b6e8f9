using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;
using MoCo.Benchmarks.Reporting;
using MoCo.Imaging;

namespace MoCo.Benchmarks;

/// <summary>From JPEGs to pairs of views, beside PIL and torchvision.</summary>
internal sealed class PipelineCommand : ICommand
{
    public string Name => "pipeline";

    public string Summary => "from JPEGs to two views, beside PIL and torchvision in turn";

    public string Explanation =>
        "Times the way from JPEG files in memory to two normalised float views each, for the recipes v1 and v2 (224x224) and\n" +
        "cifar (32x32), ours and pytorch/pipeline.py in turn, each in a process of its own that is kept to one core, then\n" +
        "ours through the loader from the folder with one worker on one core and two workers on two; the peer then as two\n" +
        "processes. Figures are medians over rounds of each round's median; a ratio is ours divided by theirs (above 1: we\n" +
        "are faster). Beside whole pairs: decoding alone, views alone, every step, and memory allocated.";

    public IReadOnlyList<Flag> Flags => PipelineOptions.Flags;

    public int Run(CommandLine line)
    {
        PipelineOptions options = PipelineOptions.Parse(line);
        Python python = Python.Find(options.Python);
        string images = options.Images ?? Photographs.CutOnce();
        byte[][] files = Photographs.Read(images);
        bool pinned = Cores.CanPin();
        IReadOnlyList<int> allowed = Cores.Allowed();
        // The highest numbers: core 0 serves most interrupts.
        PipelineRunner runner = new(python, pinned ? [.. allowed.TakeLast(2).Reverse()] : []);
        if (!pinned) Console.Error.WriteLine("There is no taskset: processes are not kept to cores.");

        JsonObject machine = MachineInfo.Describe(1);
        PipelineResults[] results = [.. options.Only.Select(r => new PipelineResults(r))];
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (PipelineResults result in results)
            {
                Console.Error.WriteLine($"round {round} of {options.Rounds}: {result.Recipe}");
                Measure(result, runner, new PipelineJob(result.Recipe, images, PipelinePart.Direct, options.Seconds), allowed.Count > 1);
            }
        }
        foreach (PipelineResults result in results) PipelineTable.Print(result);
        if (options.Json is not null) JsonFile.Write(options.Json, Json(results, options, machine, files, pinned));
        return 0;
    }

    private static void Measure(PipelineResults results, PipelineRunner runner, PipelineJob direct, bool two)
    {
        PipelineJob loader = direct with { Parts = [PipelinePart.Loader] };
        results.Add(
            runner.OursOnOneCore(direct),
            runner.PeerOnOneCore(direct with { Parts = PipelinePart.Common }),
            runner.OursOnOneCore(loader));
        if (two) results.AddTwoCores(runner.OursOnTwoCores(loader), runner.PeerOnTwoCores(direct with { Parts = [PipelinePart.Pair] }));
    }

    private static JsonObject Json(PipelineResults[] results, PipelineOptions options, JsonObject machine, byte[][] files, bool pinned)
    {
        JsonObject json = new(results.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Recipe, PipelineJson.Of(r))));
        foreach (string name in (string[])["torch_version", "torchvision_version", "pil_version"])
            machine[name] = results[0].PeerFact(name);
        machine["turbojpeg"] = ImageDecoder.HasTurboJpeg;
        json["machine"] = machine;
        json["settings"] = new JsonObject
        {
            ["images"] = files.Length,
            ["kilobytes_per_image"] = Math.Round(files.Average(f => f.Length) / 1000, 1),
            ["rounds"] = options.Rounds,
            ["seconds"] = options.Seconds,
            ["pinned"] = pinned,
        };
        return json;
    }
}
