using System.Text.Json.Nodes;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Reporting;

/// <summary>One recipe's results as JSON; README.md says what each key means.</summary>
internal static class PipelineJson
{
    public static JsonObject Of(PipelineResults results)
    {
        JsonObject json = new()
        {
            ["ours_pairs_per_s_core"] = Median(results.Ours(PipelinePart.Pair)),
            ["torchvision_pairs_per_s_core"] = Median(results.Peer(PipelinePart.Pair)),
            ["ratio"] = Rounded(results.Ratio(PipelinePart.Pair)),
            ["decode_only_per_s"] = Median(results.Ours(PipelinePart.Decode)),
            ["skia_ratio"] = Rounded(results.SkiaRatio),
            ["bytes_allocated_per_image"] = results.BytesPerImage,
            ["ours_pairs_per_cpu_s"] = Median(results.Ours(PipelinePart.PairCpu)),
            ["torchvision_pairs_per_cpu_s"] = Median(results.Peer(PipelinePart.PairCpu)),
            ["cpu_ratio"] = Rounded(results.Ratio(PipelinePart.PairCpu)),
            ["share_of_decode_only"] =
            Rounded(Statistics.Median(results.Ours(PipelinePart.Pair)) / Statistics.Median(results.Ours(PipelinePart.Decode))),
            ["views_only_pairs_per_s_core"] = Median(results.Ours(PipelinePart.Views)),
            ["views_only_ratio"] = Rounded(results.Ratio(PipelinePart.Views)),
            ["skia_pairs_per_s_core"] = Median(results.Ours(PipelinePart.PairSkia)),
            ["skia_decode_only_per_s"] = Median(results.Ours(PipelinePart.DecodeSkia)),
            ["torchvision_decode_only_per_s"] = Median(results.Peer(PipelinePart.Decode)),
            ["torchvision_views_only_pairs_per_s_core"] = Median(results.Peer(PipelinePart.Views)),
            ["loader_pairs_per_s_one_core"] = Median(results.Loader(1)),
            ["loader_pairs_per_cpu_s"] = Median(results.LoaderByProcessorTime(1)),
            ["loader_bytes_allocated_per_image"] = results.LoaderBytesPerImage,
        };
        if (results.HasTwoCores)
        {
            json["loader_pairs_per_s_two_cores"] = Median(results.Loader(2));
            json["two_core_ratio"] = Rounded(results.TwoCoreRatio);
            json["torchvision_pairs_per_s_two_cores"] = Median(results.PeerOnTwoCores());
            json["torchvision_two_core_ratio"] = Rounded(results.PeerTwoCoreRatio);
        }
        json["steps_us"] = new JsonObject(
            results.Steps().Select(s => KeyValuePair.Create<string, JsonNode?>(s.Step, Step(s.Ours, s.Theirs))));
        json["ours_rounds"] = Rounds(results.Ours(PipelinePart.Pair));
        json["torchvision_rounds"] = Rounds(results.Peer(PipelinePart.Pair));
        return json;
    }

    private static JsonObject Step(double ours, double? theirs)
    {
        JsonObject json = new() { ["ours"] = Rounded(ours) };
        if (theirs is double value) json["torchvision"] = Rounded(value);
        return json;
    }

    private static JsonArray Rounds(double[] values) => [.. values.Select(v => (JsonNode)Rounded(v))];

    private static double Median(double[] values) => Rounded(Statistics.Median(values));

    private static double Rounded(double value) => Math.Round(value, 3);
}
