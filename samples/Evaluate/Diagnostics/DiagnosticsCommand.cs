using Evaluate.Weights;
using MoCo.Evaluation.Diagnostics;
using MoCo.Interop;
using Samples.Encoders;

using RecipeMaker = System.Func<int, MoCo.Augmentation.Normalize, MoCo.Augmentation.AugmentationRecipe>;

namespace Evaluate.Diagnostics;

/// <summary><c>evaluate diagnostics</c>: whether embeddings are healthy, without labels, and what the queue's keys are.</summary>
internal static class DiagnosticsCommand
{
    private static readonly ValueKind<RecipeMaker> Recipe = Values.OneOf(TrainingViews.Recipes);

    public static Command Create(CancellationToken stop)
    {
        DataOptions data = new("images, labelled or not");
        Option<int> images = Numbers.Whole(
            "--images", "how many are looked at, spread over DATA; the time grows with their square", 2000, 2, 50_000);
        Option<RecipeMaker?> views = Recipe.Option(
            "--views", "the augmentation [default: grey for grey encoders, cifar up to 64 pixels, else v2]", value => value)!;
        Option<int> seed = Numbers.Whole("--seed", "of the views", 0, 0, int.MaxValue - 1);
        Option<int?> lidar = Numbers.WholeOrAuto(
            "--lidar-views", "measure LiDAR too, with q augmented views of each image, of which the paper has up to 50; extraction takes "
                + "q/2 times as long [default: not measured]", 2, 1000);
        Option<string?> html = OutputFile.Option("--html", "write a page to look at, with a map of the images and their neighbours");
        return EncoderCommand.Create(
            "diagnostics",
            """
            Measures embeddings without any labels: alignment of two augmented views, uniformity, the spectrum of the covariance and
            its effective rank (how many dimensions are in use), RankMe and, where it is asked for, LiDAR, similarities of positives
            and negatives; of the backbone's features and, where the file has a head, of the embeddings that the contrast is taken
            over. Where the file has a queue: how old its keys are, how similar to the queries, and, where the run tracked them and
            DATA has labels, how many are of the query's own class.
            """,
            [.. data.All, images, views, lidar, seed, html], (parsed, encoder, result) =>
        {
            IImageSet all = data.Open(parsed);
            IImageSet some = Some(all, data.Paths(parsed), data.Reading(parsed), parsed.GetValue(images)), adapted = encoder.Adapt(some);
            AugmentationRecipe recipe = (parsed.GetValue(views) ?? Recipe.Parse(Usual(encoder)))(encoder.Size, encoder.Normalization);
            LoaderOptions inOrder = new() { BatchSize = encoder.Choice.BatchSize, Shuffle = false, Seed = parsed.GetValue(seed) };
            FeatureSet Look(int view) =>
                Screen.Extract(encoder, adapted, stop, recipe, inOrder with { Seed = inOrder.Seed + view });
            using FeatureSet first = Look(0), second = Look(1);

            result.Add(new { Data = all.Name, Images = first.Count, Seed = parsed.GetValue(seed) });
            List<(string Name, EmbeddingReport Report)> reports
                = [(encoder.Output, EmbeddingReport.Measure(first.Features, second.Features, stop))];
            bool headed = encoder.Parts.HasFlag(WeightParts.Head);
            QueueFindings? findings = null;
            Tensor? queries = encoder.Choice.Embedding ? first.Features.alias() : headed ? Head(encoder, first.Features) : null;
            using (queries)
            {
                if (headed && !encoder.Choice.Embedding)
                {
                    using Tensor others = Head(encoder, second.Features);
                    reports.Add(("embedding", EmbeddingReport.Measure(queries!, others, stop)));
                }
                if (parsed.GetValue(lidar) is int asked)
                {
                    List<FeatureSet> more = [];
                    try
                    {
                        while (2 + more.Count < asked) more.Add(Look(2 + more.Count));
                        AddLidar(encoder, reports, [first.Features, second.Features, .. more.Select(set => set.Features)], stop);
                    }
                    finally
                    {
                        more.ForEach(set => set.Dispose());
                    }
                }
                DiagnosticsView.Show(reports);
                foreach ((string name, EmbeddingReport report) in reports) result[name] = DiagnosticsView.Json(report);
                if (queries is not null && encoder.Parts.HasFlag(WeightParts.Queue))
                {
                    using ContrastModel model = ContrastModel.Open(encoder.Choice.Path, encoder.Choice.Stem, queueLength: 1);
                    findings = QueueFindings.Of(model, queries, first.Labels, all, stop);
                    findings.Show();
                    result.Add(new { Queue = findings.Json() });
                }
            }
            if (parsed.GetValue(html) is { } page) new DiagnosticsPage(encoder, some, stop).Write(page, reports, findings);
            return DiagnosticsView.Rows(reports);
        });
    }

    /// <summary>LiDAR of the views, and of what the head makes of them where it is reported on.</summary>
    private static void AddLidar(
        OpenedEncoder encoder, List<(string Name, EmbeddingReport Report)> reports, Tensor[] views, CancellationToken stop)
    {
        for (int i = 0; i < reports.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] own = i == 0 ? views : [.. views.Select(view => Head(encoder, view))];
            reports[i] = (reports[i].Name, reports[i].Report with { Lidar = EmbeddingReport.MeasureLidar(own, cancellationToken: stop) });
        }
    }

    /// <summary>Some images of all; of a stream the first.</summary>
    private static IImageSet Some(IImageSet all, string[] paths, SourceOptions reading, int most)
    {
        if (all is not IImageStream stream || stream.Count <= most) return DataFlags.Spread(all, most);
        IReadOnlyList<string>? classes = all.Classes.Count > 0 ? all.Classes : null;
        return ImageSources.Open(paths, options: reading with { ImagesPerEpoch = most, Classes = classes });
    }

    private static string Usual(OpenedEncoder encoder) =>
        encoder.Options.InputChannels == 1 ? "grey" : encoder.Size <= 64 ? "cifar" : "v2";

    /// <summary>N×F features on the CPU → N×D embeddings there.</summary>
    private static Tensor Head(OpenedEncoder encoder, Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        return encoder.Encoder.Head.call(features.to(encoder.Encoder.parameters().First().device)).cpu().MoveToOuterDisposeScope();
    }
}
