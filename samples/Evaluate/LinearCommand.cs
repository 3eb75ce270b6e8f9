using System.CommandLine;
using System.Text.Json.Nodes;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using Samples;
using Samples.CommandLine;
using Spectre.Console;

namespace Evaluate;

/// <summary><c>evaluate linear</c>: the linear classification protocol, on features extracted once or end to end.</summary>
internal static class LinearCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double[]?> rates = Numbers.Reals("--learning-rates", "learning rates to try [default: twelve from 0.001 to 300; with --official 30]", 0, 1e6);
        Option<int> epochs = Numbers.Whole("--epochs", "passes over the training images; the rate falls to a tenth after 60 % and to a hundredth after 80 %", 100, 1, 100_000);
        Option<int> step = Numbers.Whole("--step", "images in a training step", 256, 1, 65_536);
        Option<int> seed = Numbers.Whole("--seed", "of initial weights, order and held-out part", 0, 0, int.MaxValue);
        Option<bool> official = new("--official") { Description = "augmented images (RandomResizedCrop, flip) through the encoder in every epoch, at one learning rate: the paper's figure, at a hundred times the work" };
        var common = new EncoderCommand(
            "linear",
            "Trains a linear classifier on the frozen encoder's output, the official protocol. Features are extracted once and many learning rates tried side by side, the best chosen on held-out training images; --official goes through augmented images as the paper does.",
            [.. LabelledData.Options, rates, epochs, step, seed, official]);
        return common.With((parsed, choice, encoder) =>
        {
            bool whole = parsed.GetValue(official);
            double[]? given = parsed.Given(rates);
            if (whole && given?.Length > 1) throw new UsageException($"--learning-rates has {given.Length} numbers; expected one with --official.");
            LabelledData images = LabelledData.Open(parsed, encoder);
            LinearProbeOptions start = whole ? LinearProbeOptions.Official : new LinearProbeOptions();
            LinearProbeOptions options = start with
            {
                LearningRates = given ?? start.LearningRates,
                Epochs = parsed.GetValue(epochs),
                BatchSize = parsed.GetValue(step),
                Seed = parsed.GetValue(seed),
                ClassNames = images.Classes,
            };
            LinearProbeResult result = whole ? EndToEnd() : OnFeatures();
            Show(result);
            JsonObject json = common.Begin(choice, encoder);
            (json["data"], json["test"], json["official"], json["epochs"], json["step"], json["seed"]) = (images.Train.Name, images.TestName, whole, options.Epochs, options.BatchSize, options.Seed);
            (json["top1"], json["top5"], json["mean_recall"], json["learning_rate"]) = (result.Test.Top1, result.Test.Top5, result.Confusion.MeanRecall, result.LearningRate);
            json["learning_rates"] = new JsonArray([.. result.LearningRates.Select(rate => new JsonObject { ["learning_rate"] = rate.LearningRate, ["held_out_top1"] = rate.HeldOut.Top1, ["loss"] = double.IsFinite(rate.Loss) ? rate.Loss : null })]);
            json["confusion"] = ClassTable.Json(result.Confusion);
            double[] numbers = [result.Test.Top1, result.Test.Top5, result.Confusion.MeanRecall, result.LearningRate];
            common.Save(parsed, choice.Path, json, [["top1", "top5", "mean_recall", "learning_rate"], [.. numbers.Select(number => Screen.Number(number))]]);

            LinearProbeResult OnFeatures()
            {
                using FeatureSet training = Screen.Extract(encoder, encoder.Loader(images.Train), stop), test = Screen.Extract(encoder, encoder.Loader(images.Test), stop);
                return Screen.Training("linear probe:", progress => LinearProbe.Train(training, test, options, progress, stop));
            }

            LinearProbeResult EndToEnd() => images.ThroughEncoder(encoder, options.BatchSize, options.Seed, batches =>
                Screen.Training("linear probe, end to end:", progress => LinearProbe.Train(encoder.Network, batches, options, progress, stop)));
        });
    }

    private static void Show(LinearProbeResult result)
    {
        if (result.LearningRates.Count > 0)
        {
            Table table = Screen.Table("learning rates, on held-out training images", "rate", "top-1", "loss");
            foreach (LearningRateScore rate in result.LearningRates)
                table.Row($"{Screen.Number(rate.LearningRate)}{(rate.LearningRate == result.LearningRate ? " *" : "")}", Screen.Percent(rate.HeldOut.Top1), double.IsFinite(rate.Loss) ? Screen.Number(rate.Loss, "F4") : "diverged");
            Screen.Show(table);
        }
        ClassTable.Show(result.Confusion);
        Screen.Say($"linear probe: top-1 {Screen.Percent(result.Test.Top1)}, top-5 {Screen.Percent(result.Test.Top5)} of {result.Test.Total:N0} images, at learning rate {Screen.Number(result.LearningRate)}");
    }
}
