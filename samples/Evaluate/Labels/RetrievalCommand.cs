using MoCo.Evaluation.Neighbours;
using Spectre.Console;

namespace Evaluate.Labels;

/// <summary><c>evaluate retrieval</c>: whether the images most similar to a labelled one are of its class.</summary>
internal static class RetrievalCommand
{
    private static readonly int[] Usual = [1, 5, 10, 50, 100];

    public static Command Create(CancellationToken stop)
    {
        ImageOptions data = new("labelled images");
        ValueKind<int> one = Values.Whole<int>(1, 1_000_000);
        Option<int[]?> neighbours = new ValueKind<int[]?>("N,N,…", text => [.. text.Split(',').Select(one.Parse)]).Option(
            "--k", "the k of recall@k [default: 1,5,10,50,100, as far as there are images]");
        return EncoderCommand.Create(
            "retrieval",
            """
            Takes each labelled image as a query and orders the others by the cosine similarity of their embeddings: mAP is the mean
            average precision of that order, recall@k the share of queries with an image of their class among the first k. Images
            that are alone in their class are no queries. The time grows with the square of the images.
            """,
            [.. data.All, neighbours], (parsed, encoder, result) =>
        {
            IImageSet images = data.Open(parsed);
            UsageException.ThrowIf(
                images.Classes.Count == 0, $"{images.Name} has no classes; expected labelled images, for example a folder for each class.");
            using FeatureSet features = Screen.Extract(encoder, encoder.Adapt(images), stop);
            int[] k = parsed.Given(neighbours) ?? [.. Usual.Where(count => count < Math.Max(2, features.Count))];
            Retrieval found = Retrieval.Measure(features, k, stop);
            Table table = Screen.Table($"retrieval of {found.Queries:N0} queries by cosine similarity", "figure", encoder.Output);
            table.Row("mAP", Screen.Percent(found.MeanAveragePrecision));
            foreach ((int count, double share) in found.Recall) table.Row($"recall@{count}", Screen.Percent(share));
            Screen.Show(table);
            if (found.Alone > 0) Screen.Say($"{Counted.Of(found.Alone, "image")} alone in the class, no query");
            JsonObject row = new() { ["images"] = features.Count, ["queries"] = found.Queries, ["map"] = found.MeanAveragePrecision };
            foreach ((int count, double share) in found.Recall) row[$"recall_{count}"] = share;
            result.Add(new { Data = images.Name, found.Alone });
            result.Add(row);
            return [row];
        });
    }
}
