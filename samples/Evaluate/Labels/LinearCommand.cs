using MoCo.Evaluation;
using MoCo.Evaluation.Linear;
using Spectre.Console;

namespace Evaluate.Labels;

/// <summary><c>evaluate linear</c>: the linear classification protocol, on features extracted once or end to end.</summary>
internal static class LinearCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<double[]?> rates = Numbers.Reals(
            "--learning-rates", "learning rates to try [default: twelve from 0.001 to 300; with --official 30]", 0, 1e6);
        Option<int> epochs = Numbers.Whole(
            "--epochs",
            "passes over the training images; the rate falls to a tenth after 60 % and to a hundredth after 80 %", 100, 1, 100_000);
        Option<int> step = Numbers.Whole("--step", "images in a training step", 256, 1, 65_536);
        Option<int> seed = Numbers.Whole("--seed", "of initial weights, order and held-out part", 0, 0, int.MaxValue);
        Option<bool> official = new("--official")
        {
            Description = "augmented images (RandomResizedCrop, flip) through the encoder in every epoch, at one learning rate: the "
                + "paper's figure, at a hundred times the work",
        };
        return EncoderCommand.Create(
            "linear",
            "Trains a linear classifier on the frozen encoder's output, the official protocol. Features are extracted once and many "
                + "learning rates tried side by side, the best chosen on held-out training images; --official goes through augmented "
                + "images as the paper does.",
            [.. LabelledData.Options, rates, epochs, step, seed, official],
            (parsed, encoder, json) =>
        {
            bool whole = parsed.GetValue(official);
            double[]? given = parsed.Given(rates);
            UsageException.ThrowIf(
                whole && given?.Length > 1, $"--learning-rates has {given?.Length} numbers; expected one with --official.");
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
            UsageException.ThrowIf(whole && encoder.Choice.Group.Size > 1,
                "--official trains through the whole encoder, in one process; expected one, or the probe on features.");
            if ((whole ? EndToEnd() : OnFeatures()) is not { } result) return [];
            Show(result);
            object numbers = new { result.Test.Top1, result.Test.Top5, result.Confusion.MeanRecall, result.LearningRate };
            json.Add(new
            {
                Data = images.Train.Name,
                Test = images.TestName,
                Official = whole,
                options.Epochs,
                Step = options.BatchSize,
                options.Seed,
            });
            json.Add(numbers);
            json.Add(new
            {
                LearningRates = result.LearningRates.Select(rate => new { rate.LearningRate, HeldOutTop1 = rate.HeldOut.Top1, rate.Loss }),
                Confusion = ClassTable.Json(result.Confusion),
            });
            return [numbers];

            ProbeResult? OnFeatures()
            {
                using FeatureSet? training = Screen.ExtractTogether(encoder, images.Train, stop),
                    test = Screen.ExtractTogether(encoder, images.Test, stop);
                return training is null || test is null ? null
                    : Screen.Training("linear probe:", progress => LinearProbe.Train(training, test, options, progress, stop));
            }
            ProbeResult EndToEnd() => images.ThroughEncoder(encoder, options.BatchSize, options.Seed, batches => Screen.Training(
                "linear probe, end to end:", progress => LinearProbe.Train(encoder.Network, batches, options, progress, stop)));
        });
    }

    private static void Show(ProbeResult result)
    {
        if (result.LearningRates.Count > 0)
        {
            Table table = Screen.Table("learning rates, on held-out training images", "rate", "top-1", "loss");
            foreach ((double rate, Accuracy heldOut, double loss) in result.LearningRates)
            {
                string mark = rate == result.LearningRate ? " *" : "";
                table.Row($"{rate}{mark}", Screen.Percent(heldOut.Top1), double.IsFinite(loss) ? $"{loss:F4}" : "diverged");
            }
            Screen.Show(table);
        }
        ClassTable.Show(result.Confusion);
        string found = $"top-1 {Screen.Percent(result.Test.Top1)}, top-5 {Screen.Percent(result.Test.Top5)}";
        Screen.Say($"linear probe: {found} of {result.Test.Total:N0} images, at learning rate {result.LearningRate}");
    }
}
