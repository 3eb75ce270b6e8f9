using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;
using Spectre.Console;
using TorchSharp;

namespace Evaluate;

/// <summary><c>evaluate fewshot</c>: fine-tuning on a small share of the labels.</summary>
internal static class FewShotCommand
{
    public static Command Create(CancellationToken stop)
    {
        var common = new EncoderCommand("fewshot", "Fine-tunes a copy of the backbone with a fresh linear head on a small, stratified share of the labels: what pretraining saves in labelling. Rates are those published for ImageNet with 1 % and 10 % of the labels.");
        var data = new DataOptions();
        Option<double[]?> shares = Numbers.Reals("--share", "shares of the labels, above 0 to 1 [default: 0.01,0.1]", 0, 1);
        Option<int> epochs = Numbers.Whole("--epochs", "passes over the labelled images", 20, 1, 100_000);
        Option<double> encoderRate = Numbers.Real("--encoder-rate", "learning rate of the backbone; 0: 0.02 for shares up to 0.02, else 0.01", 0, -1, 1000);
        Option<double> headRate = Numbers.Real("--head-rate", "learning rate of the head; 0: 5 for shares up to 0.02, else 0.2", 0, -1, 1e6);
        Option<int> step = Numbers.Whole("--step", "images in a training step", 256, 2, 65_536);
        Option<int> seed = Numbers.Whole("--seed", "of the choice of labels, initial weights and order", 0, 0, int.MaxValue);
        Option<bool> scratch = new("--from-scratch") { Description = "train an encoder of random weights too, to compare with" };
        data.AddTo(common.Command);
        foreach (Option option in new Option[] { shares, epochs, encoderRate, headRate, step, seed, scratch }) common.Command.Add(option);
        return common.With((parsed, choice, encoder) =>
        {
            if (choice.Embedding) throw new UsageException("--embedding has no meaning here; fine-tuning starts from the backbone.");
            LabelledData images = data.Open(parsed, encoder);
            if (images.Train is not IImageSource train) throw new UsageException($"{images.Train.Name} is a stream of shards, of which no share can be chosen; expected a folder, MNIST's or CIFAR's files.");
            Screen.Say(images.Summary);
            int[] labels = [.. Enumerable.Range(0, train.Count).Select(index => train.Label(index) ?? FeatureSet.Unlabelled)];
            List<Outcome> outcomes = [];
            foreach (double share in parsed.Given(shares) ?? [0.01, 0.1])
            {
                FewShotOptions usual = share <= 0.02 ? FewShotOptions.OnePercent : FewShotOptions.TenPercent;
                FewShotOptions options = usual with
                {
                    Epochs = parsed.GetValue(epochs),
                    EncoderLearningRate = parsed.GetValue(encoderRate) is > 0 and var given ? given : usual.EncoderLearningRate,
                    HeadLearningRate = parsed.GetValue(headRate) is > 0 and var own ? own : usual.HeadLearningRate,
                    Seed = parsed.GetValue(seed),
                    ClassNames = images.Classes,
                };
                var few = new ImageSubset(train, StratifiedSample.Choose(labels, share, options.Seed));
                using var viewing = new LabelledViewing(encoder, images with { Train = few }, Math.Min(parsed.GetValue(step), Math.Max(2, few.Count)), options.Seed, stop);
                outcomes.Add(Tune("pretrained", (ResNet)encoder.Encoder.Backbone));
                if (!parsed.GetValue(scratch)) continue;
                using var random = new ResNet(encoder.Options);
                random.to(choice.Device);
                outcomes.Add(Tune("random weights", random));

                Outcome Tune(string start, ResNet network) => new(start, share, few.Count, Screen.During($"{few.Count} labels, {start}:", tell => FewShot.FineTune(network, viewing.Batches, options,
                    new Telling<FewShotProgress>(now => tell(string.Create(CultureInfo.InvariantCulture, $"epoch {now.Epoch} of {now.Epochs}, loss {now.Loss:F3}"))), stop)));
            }
            Show(outcomes);
            JsonObject result = ResultOptions.Begin("fewshot", choice, encoder);
            (result["data"], result["test"], result["epochs"], result["seed"]) = (train.Name, images.TestName, parsed.GetValue(epochs), parsed.GetValue(seed));
            result["results"] = new JsonArray([.. outcomes.Select(outcome => (JsonNode)outcome.Json())]);
            common.Results.Save(parsed, choice.Path, "fewshot", result, outcomes.Select(outcome => outcome.Cells()).Prepend(["start", "share", "labels", "top1", "top5"]));
        });
    }

    private static void Show(List<Outcome> outcomes)
    {
        Table table = Screen.Table("fine-tuned on few labels", "start", "share", "labels", "top-1", "top-5", "training loss");
        foreach (Outcome outcome in outcomes)
        {
            Accuracy test = outcome.Result.Test;
            table.Row(outcome.Start, Screen.Percent(outcome.Share), $"{outcome.Labels:N0}", Screen.Percent(test.Top1), Screen.Percent(test.Top5), outcome.Result.Loss.ToString("F4", CultureInfo.InvariantCulture));
        }
        Screen.Show(table);
    }

    private sealed record Outcome(string Start, double Share, int Labels, FewShotResult Result)
    {
        public JsonObject Json() => new()
        {
            ["start"] = Start,
            ["share"] = Share,
            ["labels"] = Labels,
            ["top1"] = Result.Test.Top1,
            ["top5"] = Result.Test.Top5,
            ["loss"] = Result.Loss,
            ["confusion"] = ClassTable.Json(Result.Confusion),
        };

        public string[] Cells() => [Start, Number(Share), $"{Labels}", Number(Result.Test.Top1), Number(Result.Test.Top5)];

        private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
