using System.CommandLine;
using System.Text.Json.Nodes;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using Samples;
using Samples.CommandLine;
using Spectre.Console;

namespace Evaluate;

/// <summary><c>evaluate knn</c>: the vote of the nearest neighbours, for several k and temperatures.</summary>
internal static class KnnCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double[]?> neighbours = Numbers.Reals("--k", "numbers of neighbours that vote [default: 1,10,20,50,100,200, as far as there are images]", 0, 1_000_000);
        Option<double[]?> temperatures = Numbers.Reals("--temperature", "temperatures of a vote's weight exp(similarity / temperature) [default: 0.07,0.1,0.2]", 0, 1000);
        Option<bool> pixels = new("--pixels") { Description = "measure the raw pixels too, to compare with" };
        var common = new EncoderCommand(
            "knn",
            "Classifies each test image by the weighted vote of its nearest training images (cosine similarity): learns nothing, so it measures the features themselves.",
            [.. LabelledData.Options, neighbours, temperatures, pixels]);
        return common.With((parsed, choice, encoder) =>
        {
            int[]? k = parsed.Given(neighbours) is { } given ? [.. given.Select(value => value == Math.Floor(value) ? (int)value : throw new UsageException($"--k has {value}; expected whole numbers."))] : null;
            LabelledData images = LabelledData.Open(parsed, encoder);
            using FeatureSet bank = Screen.Extract(encoder, encoder.Loader(images.Train), stop), queries = Screen.Extract(encoder, encoder.Loader(images.Test), stop);
            var grid = new KnnGridOptions();
            grid = grid with
            {
                Neighbours = k ?? [.. grid.Neighbours.Where(count => count == 1 || count <= bank.Count)],
                Temperatures = parsed.Given(temperatures) ?? grid.Temperatures,
            };
            IReadOnlyList<KnnScore> scores = Measure($"kNN top-1 of {queries.Count:N0} images, {bank.Count:N0} vote", bank, queries, grid, stop);
            JsonObject result = common.Begin(choice, encoder);
            (result["data"], result["test"], result["bank"], result["queries"]) = (images.Train.Name, images.TestName, bank.Count, queries.Count);
            result["scores"] = Json(scores);
            if (parsed.GetValue(pixels))
            {
                if (images is not { Train: IImageSource train, Test: IImageSource test }) throw new UsageException("--pixels can't be measured on a stream of shards; expected other data.");
                using FeatureSet voters = RawPixels.Extract(train, encoder.Size, cancellationToken: stop), asked = RawPixels.Extract(test, encoder.Size, cancellationToken: stop);
                result["pixels"] = Json(Measure("the same of raw pixels", voters, asked, grid, stop));
            }
            common.Save(parsed, choice.Path, result, scores
                .Select(score => (string[])[$"{score.Neighbours}", Screen.Number(score.Temperature), Screen.Number(score.Result.Top1), Screen.Number(score.Result.Top5)])
                .Prepend(["k", "temperature", "top1", "top5"]));
        });
    }

    private static IReadOnlyList<KnnScore> Measure(string title, FeatureSet bank, FeatureSet queries, KnnGridOptions grid, CancellationToken stop)
    {
        IReadOnlyList<KnnScore> scores = KnnClassifier.EvaluateGrid(bank, queries, grid, stop);
        KnnScore best = scores.MaxBy(score => score.Result.Correct);
        Table table = Screen.Table(title, "k", [.. grid.Temperatures.Select(temperature => $"τ {Screen.Number(temperature)}"), "top-5"]);
        foreach (KnnScore[] row in scores.Chunk(grid.Temperatures.Count))
            table.Row([$"{row[0].Neighbours}", .. row.Select(score => $"{(score == best ? "* " : "")}{Screen.Percent(score.Result.Top1)}"), Screen.Percent(row.Max(score => score.Result.Top5))]);
        Screen.Show(table);
        Screen.Say($"best: {Screen.Percent(best.Result.Top1)} at k {best.Neighbours}, τ {Screen.Number(best.Temperature)}");
        return scores;
    }

    private static JsonArray Json(IEnumerable<KnnScore> scores) => [.. scores.Select(score => new JsonObject
    {
        ["k"] = score.Neighbours,
        ["temperature"] = score.Temperature,
        ["top1"] = score.Result.Top1,
        ["top5"] = score.Result.Top5,
    })];
}
