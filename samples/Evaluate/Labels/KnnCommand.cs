using MoCo.Evaluation.Neighbours;
using Spectre.Console;

using Score = (int K, double Temperature, MoCo.Evaluation.Accuracy Found);

namespace Evaluate.Labels;

/// <summary><c>evaluate knn</c>: the vote of the nearest neighbours, for several k and temperatures.</summary>
internal static class KnnCommand
{
    private static readonly int[] Usual = [1, 10, 20, 50, 100, 200];

    public static Command Create(CancellationToken stop)
    {
        Option<double[]?> neighbours = Numbers.Reals(
            "--k", "numbers of neighbours that vote [default: 1,10,20,50,100,200, as far as there are images]", 0, 1_000_000);
        Option<double[]?> temperatures = Numbers.Reals(
            "--temperature", "temperatures of a vote's weight exp(similarity / temperature) [default: 0.07,0.1,0.2]", 0, 1000);
        Option<bool> pixels = new("--pixels") { Description = "measure the raw pixels too, to compare with" };
        return EncoderCommand.Create(
            "knn",
            "Classifies each test image by the weighted vote of its nearest training images (cosine similarity): learns nothing, so it "
                + "measures the features themselves.",
            [.. LabelledData.Options, neighbours, temperatures, pixels],
            (parsed, encoder, result) =>
        {
            double[]? given = parsed.Given(neighbours);
            if (given?.FirstOrDefault(value => value != Math.Floor(value)) is > 0 and double broken)
                throw new UsageException($"--k has {broken}; expected whole numbers.");
            LabelledData images = LabelledData.Open(parsed, encoder);
            UsageException.ThrowIf(parsed.GetValue(pixels) && images is not { Train: IImageSource, Test: IImageSource },
                "--pixels can't be measured on a stream of shards; expected other data.");
            using FeatureSet? bank = Screen.ExtractTogether(encoder, images.Train, stop),
                queries = Screen.ExtractTogether(encoder, images.Test, stop);
            if (bank is null || queries is null) return [];
            (int voting, int asking) = (Labelled(bank), Labelled(queries));
            int[] k = [.. given?.Select(value => (int)value) ?? Usual.Where(count => count == 1 || count <= voting)];
            UsageException.ThrowIf(
                given?.Max() > voting, $"--k has {k.Max()}, and {voting} labelled images vote; expected at most as many.");
            double[] tau = parsed.Given(temperatures) ?? [0.07, 0.1, 0.2];
            Score[] Measure(string title, FeatureSet voters, FeatureSet asked) =>
                Show(title, KnnClassifier.EvaluateGrid(voters, asked, k, tau, cancellationToken: stop), tau);
            Score[] scores = Measure($"kNN top-1 of {asking:N0} images, {voting:N0} vote", bank, queries);
            result.Add(new
            {
                Data = images.Train.Name,
                Test = images.TestName,
                Bank = voting,
                Queries = asking,
                Scores = Json(scores),
            });
            if (parsed.GetValue(pixels))
            {
                using FeatureSet voters = Pixels((IImageSource)images.Train);
                using FeatureSet asked = Pixels((IImageSource)images.Test);
                result.Add(new { Pixels = Json(Measure("the same of raw pixels", voters, asked)) });
            }
            return Json(scores);

            static int Labelled(FeatureSet set) => set.Labels?.Count(label => label != FeatureSet.Unlabelled) ?? 0;
            FeatureSet Pixels(IImageSource source) =>
                FeatureSet.Pixels(source, encoder.Size, encoder.Choice.Workers, encoder.Choice.MaximumErrorShare, stop);
        });
    }

    private static Score[] Show(string title, IEnumerable<Score> grid, double[] temperatures)
    {
        Score[] scores = [.. grid];
        Score best = scores.MaxBy(score => score.Found.Correct);
        Table table = Screen.Table(title, "k", [.. temperatures.Select(temperature => $"τ {temperature}"), "top-5"]);
        foreach (Score[] row in scores.Chunk(temperatures.Length))
        {
            IEnumerable<string> cells = row.Select(score => $"{(score == best ? "* " : "")}{Screen.Percent(score.Found.Top1)}");
            table.Row([$"{row[0].K}", .. cells, Screen.Percent(row.Max(score => score.Found.Top5))]);
        }
        Screen.Show(table);
        Screen.Say($"best: {Screen.Percent(best.Found.Top1)} at k {best.K}, τ {best.Temperature}");
        return scores;
    }

    private static IEnumerable<object> Json(IEnumerable<Score> scores) =>
        scores.Select(score => new { score.K, score.Temperature, score.Found.Top1, score.Found.Top5 });
}
