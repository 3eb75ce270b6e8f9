using System.Text.Json.Nodes;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Reporting;

/// <summary>The results as JSON; README.md says what each key means.</summary>
internal static class StepJson
{
    /// <param name="results">What was measured.</param>
    /// <param name="firstLosses">By job, the losses of the first step on all sides.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="machine">What the figures must be read beside.</param>
    public static JsonObject Of(
        StepResults results, IReadOnlyList<(Job Job, Measurement Losses)> firstLosses, StepOptions options, JsonObject machine)
    {
        JsonObject json = new();
        foreach (Row row in results.Rows()) json[row.Key] = Of(row);

        JsonObject overhead = [], peer = [], plain = [], memory = [], loader = [];
        foreach ((Job job, IReadOnlyDictionary<Side, double> share) in results.Overheads())
        {
            overhead[job.Name] = Rounded(share[Side.Ours]);
            if (share.TryGetValue(Side.PyTorch, out double theirs)) peer[job.Name] = Rounded(theirs);
            if (share.TryGetValue(Side.TorchSharp, out double torchSharps)) plain[job.Name] = Rounded(torchSharps);
        }
        foreach ((Job job, IReadOnlyDictionary<Side, double> peak) in results.PeakMemory())
            memory[job.Name] = new JsonObject(peak.Select(p => KeyValuePair.Create<string, JsonNode?>(Key(p.Key), Rounded(p.Value))));
        foreach ((int workers, double pairs) in results.Loader())
            loader[$"pairs_per_second_{workers}_worker{(workers == 1 ? "" : "s")}"] = Rounded(pairs);

        Add("overhead", overhead);
        Add("pytorch_overhead", peer);
        Add("torchsharp_overhead", plain);
        Add("peak_memory_mb", memory);
        Add("loader", loader);
        Add("first_loss", new JsonObject(firstLosses.Select(f => KeyValuePair.Create<string, JsonNode?>(f.Job.Name,
            new JsonObject(f.Losses.NamesAfter("").Select(n => KeyValuePair.Create<string, JsonNode?>(n, f.Losses[n])))))));
        foreach ((Job job, IReadOnlyDictionary<Side, double> speed) in results.Speeds())
        {
            json["bare_" + job.Name]!["gflop"] = Rounded(Operations.OfPasses(job));
            json["bare_" + job.Name]!["ours_gflops"] = Rounded(speed[Side.Ours]);
        }
        if (results.Product(Side.Ours) is double product) machine["libtorch_blas_gflops"] = product;
        machine["libtorch"] = results.Fact(Side.Ours, "torch_version");
        if (options.Compare)
        {
            machine["pytorch"] = results.Fact(Side.PyTorch, "torch_version");
            machine["pytorch_device"] = results.Fact(Side.PyTorch, "device");
            machine["pytorch_blas_gflops"] = results.PeersBlas();
        }
        json["machine"] = machine;
        json["settings"] = new JsonObject
        {
            ["device"] = options.Device,
            ["stem_resnet18"] = options.Stem,
            ["bf16"] = options.BFloat16,
            ["rounds"] = options.Rounds,
            ["seconds"] = options.Seconds,
        };
        return json;

        void Add(string key, JsonObject value)
        {
            if (value.Count > 0) json[key] = value;
        }
    }

    private static JsonObject Of(Row row)
    {
        JsonObject json = new() { ["ours_ms"] = Rounded(row.Of(Side.Ours)!.Value) };
        if (row.Of(Side.TorchSharp) is double torchSharps)
        {
            json["torchsharp_ms"] = Rounded(torchSharps);
            json["torchsharp_ratio"] = Rounded(row.TorchSharpRatio!.Value);
        }
        if (row.Theirs is double theirs)
        {
            json["pytorch_ms"] = Rounded(theirs);
            json["pytorch_default_ms"] = Rounded(row.Of(Side.PyTorch)!.Value);
            json["pytorch_passive_ms"] = Rounded(row.Of(Side.PyTorchPassive)!.Value);
            json["ratio"] = Rounded(row.Ratio!.Value);
        }
        foreach ((Side side, double[] rounds) in row.Rounds)
        {
            json[Key(side) + "_rounds_ms"] = new JsonArray([.. rounds.Select(r => (JsonNode)Rounded(r))]);
            json[Key(side) + "_spread"] = Rounded(Statistics.Spread(rounds));
        }
        return json;
    }

    private static string Key(Side side) => side switch
    {
        Side.Ours => "ours",
        Side.TorchSharp => "torchsharp",
        Side.PyTorch => "pytorch_default",
        _ => "pytorch_passive",
    };

    private static double Rounded(double value) => Math.Round(value, 4);
}
