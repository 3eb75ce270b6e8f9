using MoCo.Evaluation.FewShot;
using MoCo.Evaluation.Linear;
using Samples.Encoders;
using Spectre.Console;

namespace Evaluate;

/// <summary><c>evaluate fewshot</c>: fine-tuning on a small share of the labels.</summary>
internal static class FewShotCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double[]?> shares = Numbers.Reals("--share", "shares of the labels, above 0 to 1 [default: 0.01,0.1]", 0, 1);
        Option<int> epochs = Numbers.Whole("--epochs", "passes over the labelled images", 20, 1, 100_000);
        Option<double> encoderRate = Numbers.Real(
            "--encoder-rate", "learning rate of the backbone; 0: 0.02 for shares up to 0.02, else 0.01", 0, -1, 1000);
        Option<double> headRate = Numbers.Real(
            "--head-rate", "learning rate of the head; 0: 5 for shares up to 0.02, else 0.2", 0, -1, 1e6);
        Option<int> step = Numbers.Whole("--step", "images in a training step", 256, 2, 65_536);
        Option<int> seed = Numbers.Whole("--seed", "of the choice of labels, initial weights and order", 0, 0, int.MaxValue);
        Option<bool> scratch = new("--from-scratch") { Description = "train an encoder of random weights too, to compare with" };
        return EncoderCommand.Create(
            "fewshot",
            "Fine-tunes a copy of the backbone with a fresh linear head on a small, stratified share of the labels: what pretraining saves "
                + "in labelling. Rates are those published for ImageNet with 1 % and 10 % of the labels.",
            [.. LabelledData.Options, shares, epochs, encoderRate, headRate, step, seed, scratch],
            (parsed, encoder, result) =>
        {
            UsageException.ThrowIf(encoder.Choice.Embedding, "--embedding has no meaning here; fine-tuning starts from the backbone.");
            LabelledData images = LabelledData.Open(parsed, encoder);
            if (images.Train is not IImageSource train)
                throw new UsageException($"{images.Train.Name} is a stream of shards, of which no share can be chosen; "
                    + "expected a folder, MNIST's or CIFAR's files.");
            int[] labels = LabelledData.Labels(train);
            List<(string Start, double Share, int Labels, ProbeResult Result)> outcomes = [];
            foreach (double share in parsed.Given(shares) ?? [0.01, 0.1])
            {
                FewShotOptions usual = share <= 0.02 ? FewShotOptions.OnePercent : FewShotOptions.TenPercent;
                (double encoderGiven, double headGiven) = (parsed.GetValue(encoderRate), parsed.GetValue(headRate));
                FewShotOptions options = usual with
                {
                    Epochs = parsed.GetValue(epochs),
                    EncoderLearningRate = encoderGiven > 0 ? encoderGiven : usual.EncoderLearningRate,
                    HeadLearningRate = headGiven > 0 ? headGiven : usual.HeadLearningRate,
                    Seed = parsed.GetValue(seed),
                    ClassNames = images.Classes,
                };
                ImageSubset few = new(train, FewShotProbe.Choose(labels, share, options.Seed));
                int batch = Math.Min(parsed.GetValue(step), Math.Max(2, few.Count));
                using Encoder copy = Like(encoder);
                Tune("pretrained", encoder.Encoder.Backbone);
                if (!parsed.GetValue(scratch)) continue;
                using Encoder random = Like(encoder);
                Tune("random weights", random.Backbone);

                void Tune(string start, nn.Module<Tensor, Tensor> network)
                {
                    LabelledData some = images with { Train = few };
                    string what = $"{Counted.Of(few.Count, "label")}, {start}:";
                    ProbeResult found = some.ThroughEncoder(encoder, batch, options.Seed, batches => Screen.Training(
                        what, progress => FewShotProbe.FineTune(network, copy.Backbone, batches, options, progress, stop)));
                    outcomes.Add((start, share, few.Count, found));
                }
            }
            Table table = Screen.Table("fine-tuned on few labels", "start", "share", "labels", "top-1", "top-5", "training loss");
            foreach ((string start, double share, int count, ProbeResult found) in outcomes)
            {
                (string top1, string top5) = (Screen.Percent(found.Test.Top1), Screen.Percent(found.Test.Top5));
                table.Row(start, Screen.Percent(share), $"{count:N0}", top1, top5, $"{found.Loss:F4}");
            }
            Screen.Show(table);
            result.Add(new
            {
                Data = train.Name,
                Test = images.TestName,
                Epochs = parsed.GetValue(epochs),
                Seed = parsed.GetValue(seed),
                Results = outcomes.Select(o => new
                {
                    o.Start,
                    o.Share,
                    o.Labels,
                    o.Result.Test.Top1,
                    o.Result.Test.Top5,
                    o.Result.Loss,
                    Confusion = ClassTable.Json(o.Result.Confusion),
                }),
            });
            return outcomes.Select(o => new { o.Start, o.Share, o.Labels, o.Result.Test.Top1, o.Result.Test.Top5 });
        });
    }

    /// <summary>Another encoder of the same architecture, of random weights.</summary>
    private static Encoder Like(OpenedEncoder encoder) => Encoder.Create(encoder.Options).to(encoder.Choice.Device);
}
