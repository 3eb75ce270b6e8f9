using MoCo.Evaluation;
using MoCo.Evaluation.FineTuning;
using Spectre.Console;

namespace Evaluate.Labels;

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
            IImageSource labelled = train.Subset(Enumerable.Range(0, train.Count).Where(image => train.Label(image) is not null));
            List<(string Start, double Share, int Labels, double Loss, Accuracy Test, ConfusionMatrix Confusion)> outcomes = [];
            foreach (double share in parsed.Given(shares) ?? [0.01, 0.1])
            {
                FineTuneOptions usual = share <= 0.02 ? FineTuneOptions.OnePercent : FineTuneOptions.TenPercent;
                (double encoderGiven, double headGiven) = (parsed.GetValue(encoderRate), parsed.GetValue(headRate));
                FineTuneOptions options = usual with
                {
                    Epochs = parsed.GetValue(epochs),
                    TestEvery = parsed.GetValue(epochs),
                    EncoderLearningRate = encoderGiven > 0 ? encoderGiven : usual.EncoderLearningRate,
                    HeadLearningRate = headGiven > 0 ? headGiven : usual.HeadLearningRate,
                    Seed = parsed.GetValue(seed),
                    ClassNames = images.Classes,
                };
                IImageSource few = labelled.Share(share, options.Seed);
                int batch = Math.Min(parsed.GetValue(step), Math.Max(2, few.Count));
                Tune("pretrained", encoder.Encoder);
                if (!parsed.GetValue(scratch)) continue;
                using Encoder random = Encoder.Create(encoder.Options).to(encoder.Choice.Device);
                Tune("random weights", random);

                void Tune(string start, Encoder from)
                {
                    using Encoder network = FineTune.Classifier(from, images.Classes.Count, options);
                    LabelledData some = images with { Train = few };
                    string what = $"{Counted.Of(few.Count, "label")}, {start}:";
                    FineTuneResult found = some.ThroughEncoder(encoder, batch, options.Seed, batches => Screen.During(what, tell =>
                        FineTune.Train(network, batches, options, new Telling<ClassifierProgress>(now => Tell(now, tell)), stop)));
                    stop.ThrowIfCancellationRequested();
                    outcomes.Add((start, share, few.Count, found.Epochs[^1].Loss, found.Last!.Value.Test, found.Confusion!));
                }
            }
            Table table = Screen.Table("fine-tuned on few labels", "start", "share", "labels", "top-1", "top-5", "training loss");
            foreach ((string start, double share, int count, double loss, Accuracy test, _) in outcomes)
                table.Row(start, Screen.Percent(share), $"{count:N0}", Screen.Percent(test.Top1), Screen.Percent(test.Top5), $"{loss:F4}");
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
                    o.Test.Top1,
                    o.Test.Top5,
                    o.Loss,
                    Confusion = ClassTable.Json(o.Confusion),
                }),
            });
            return outcomes.Select(o => new { o.Start, o.Share, o.Labels, o.Test.Top1, o.Test.Top5 });
        });
    }

    private static void Tell(ClassifierProgress now, Action<string> tell)
    {
        if (now.IsEpochDone) tell($"epoch {now.Epoch} of {now.Epochs}, loss {now.Loss:F3}");
    }
}
