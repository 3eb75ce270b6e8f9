using System.Diagnostics;
using System.Text.Json;
using MoCo.Evaluation;
using MoCo.Evaluation.FineTuning;
using MoCo.Interop;
using MoCo.Optimization;
using Spectre.Console;

using RecipeMaker = System.Func<int, MoCo.Augmentation.Normalize, MoCo.Augmentation.AugmentationRecipe>;

namespace Evaluate.Labels;

/// <summary><c>evaluate finetune</c>: the whole network trained on all labels, from the encoder's weights.</summary>
internal static class FineTuneCommand
{
    private static readonly ValueKind<RecipeMaker> Recipe = Values.OneOf<RecipeMaker>(new(TrainingViews.Recipes)
    {
        ["crop"] = AugmentationRecipe.LinearTraining,
        ["plain"] = AugmentationRecipe.Evaluation,
    });

    public static Command Create(CancellationToken stop)
    {
        Option<OptimizerKind?> optimizer = Values.OneOf<OptimizerKind?>(new()
        {
            ["sgd"] = OptimizerKind.Sgd,
            ["adamw"] = OptimizerKind.AdamW,
        }).Option("--optimizer", "which of the two recipes [default: sgd for residual networks, adamw for others]");
        Option<int?> epochs = Numbers.WholeOrAuto(
            "--epochs", "passes over the training images [default: 100 with sgd, 150 with adamw]", 1, 100_000);
        Option<int> step = Numbers.Whole("--step", "images in a training step", 256, 2, 65_536);
        Option<double?> encoderRate = Real("--encoder-rate", "learning rate of the backbone "
            + "[default: for steps of n images 0.025 · n/256 with sgd, 0.0005 · n/512 with adamw]", 1000);
        Option<double?> headRate = Real("--head-rate", "learning rate of the classifier [default: the backbone's default]", 1e6);
        Option<double?> decay = Real("--weight-decay", "[default: 0.0001 with sgd, 0.05 with adamw, not on biases and norms]", 10);
        Option<double?> warmup = Real("--warmup-epochs", "epochs in which the rates rise from 0 "
            + "[default: 0 with sgd, a 30th of the epochs with adamw]", 1000);
        Option<double?> smoothing = Real("--label-smoothing", "share of each label that is spread over all classes, below 1 "
            + "[default: 0 with sgd, 0.1 with adamw]", 0.999);
        const string Cosine = "cosine", Step = "step";
        Option<string?> schedule = Values.OneOf<string?>(new() { [Cosine] = Cosine, [Step] = Step }).Option(
            "--schedule", "how the rates fall: step is a tenth after 70 % of the epochs and a hundredth after 90 % "
            + "[default: step with sgd, cosine with adamw]");
        Option<string[]?> freeze = new ValueKind<string[]>("NAME,…", text => text.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Option<string[]?>("--freeze", "parts of the backbone that stay as they are, as inspect names them, such as conv1,bn1,layer1",
                names => names);
        Option<RecipeMaker?> views = Recipe.Option(
            "--views", "augmentation of the training images; crop: random crop and flip, plain: none [default: crop]", value => value)!;
        Option<int> every = Numbers.Whole("--test-every", "measure the test images after every n-th epoch, and the last", 1, 1, 100_000);
        Option<int> seed = Numbers.Whole("--seed", "of initial weights and order", 0, 0, int.MaxValue);
        Option<bool> scratch = new("--from-scratch") { Description = "train an encoder of random weights too, to compare with" };
        Option<string?> output = OutputFile.Option("--out", "the safetensors file for the fine-tuned network, written after each epoch "
            + "[default: evaluation/finetuned.safetensors in a run's folder]");
        return EncoderCommand.Create(
            "finetune",
            """
            Trains the whole network on labels, end to end, from the encoder's weights with a fresh linear classifier: what the encoder
            is worth as a start. Images are read and augmented as they come; the test images are measured after each epoch. The default
            recipe for residual networks is the MoCo paper's for iNaturalist (SGD, 100 epochs, 0.025), for others that of DeiT with which
            MoCo v3's authors fine-tune (AdamW, 150 epochs, warm-up, cosine, smoothed labels; DeiT mixes and erases images besides, which
            is not done here). Rates for few images or epochs may have to be others.

            Ctrl-C ends it between two steps and keeps what is done: the figures, and the network of the last whole epoch (of the first,
            the steps that were made). The network's file is an encoder like any
            other, whose embedding are the scores of the classes, and holds their names (classes), its views and accuracy:

              evaluate finetune runs/first --data photos --epochs 20
              evaluate finetune resnet50.pth --data photos --test more --out tuned.safetensors --freeze conv1,bn1,layer1
              evaluate inspect tuned.safetensors
              evaluate export tuned.safetensors classifier.onnx --embedding
            """,
            [
                .. LabelledData.Options, optimizer, epochs, step, encoderRate, headRate, decay, warmup, smoothing, schedule, freeze, views,
                every, seed, scratch, output,
            ],
            (parsed, encoder, result) =>
        {
            UsageException.ThrowIf(encoder.Choice.Embedding, "--embedding has no meaning here; fine-tuning starts from the backbone.");
            string file = parsed.GetValue(output) ?? InRun(encoder.Choice.Path);
            UsageException.ThrowIf(Path.GetExtension(file).ToLowerInvariant() is ".pth" or ".pt",
                $"--out is '{file}', and PyTorch's files have no place for the classes' names; expected a name that ends in .safetensors.");
            FineTuneOptions options = Options();
            LabelledData images = LabelledData.Open(parsed, encoder);
            options = options with { ClassNames = images.Classes };
            AugmentationRecipe? augmented = parsed.GetValue(views)?.Invoke(encoder.Size, encoder.Normalization);
            List<(string Start, FineTuneResult Result)> outcomes = [];
            Tune("pretrained", encoder.Encoder, file);
            if (parsed.GetValue(scratch) && !stop.IsCancellationRequested)
            {
                using Encoder random = Encoder.Create(encoder.Options, seed: options.Seed).to(encoder.Choice.Device);
                Tune("random weights", random, null);
            }
            Show(outcomes);
            Screen.Say($"the network is in {file}, whose embedding are the scores of {images.Classes.Count} classes");
            result.Add(new
            {
                Data = images.Train.Name,
                Test = images.TestName,
                Optimizer = Values.Text(options.Optimizer),
                options.Epochs,
                Step = parsed.GetValue(step),
                EncoderRate = options.EncoderLearningRate,
                HeadRate = options.HeadLearningRate,
                options.WeightDecay,
                options.LabelSmoothing,
                options.Schedule?.WarmupEpochs,
                Schedule = options.Schedule is CosineSchedule ? Cosine : Step,
                options.Frozen,
                options.Seed,
                File = file,
                Results = outcomes.Select(outcome => new
                {
                    outcome.Start,
                    outcome.Result.Last?.Test.Top1,
                    outcome.Result.Last?.Test.Top5,
                    BestTop1 = outcome.Result.Best?.Test.Top1,
                    BestEpoch = outcome.Result.Best?.Epoch,
                    Epochs = outcome.Result.Epochs.Select(Row),
                    Confusion = outcome.Result.Confusion is { } confusion ? ClassTable.Json(confusion) : null,
                }),
            });
            result[EncoderCommand.Stopped] = outcomes.Exists(outcome => outcome.Result.Canceled);
            return outcomes.SelectMany(outcome => outcome.Result.Epochs.Select(epoch =>
            {
                JsonObject row = new() { ["start"] = outcome.Start };
                row.Add(Row(epoch));
                return row;
            }));

            FineTuneOptions Options()
            {
                int batch = parsed.GetValue(step);
                bool sgd = (parsed.GetValue(optimizer) ?? (encoder.Encoder.Backbone is ResNet ? OptimizerKind.Sgd : OptimizerKind.AdamW))
                    == OptimizerKind.Sgd;
                FineTuneOptions usual = sgd ? FineTuneOptions.ResNet : FineTuneOptions.Transformer;
                int whole = parsed.GetValue(epochs) ?? usual.Epochs;
                double rate = usual.EncoderLearningRate * batch / (sgd ? 256 : 512);
                double rise = parsed.GetValue(warmup) ?? (sgd ? 0 : whole / 30.0);
                UsageException.ThrowIf(rise >= whole, $"--warmup-epochs is {rise}, and there are {whole} epochs; expected fewer.");
                return usual with
                {
                    Epochs = whole,
                    EncoderLearningRate = parsed.GetValue(encoderRate) ?? rate,
                    HeadLearningRate = parsed.GetValue(headRate) ?? rate,
                    WeightDecay = parsed.GetValue(decay) ?? usual.WeightDecay,
                    LabelSmoothing = parsed.GetValue(smoothing) ?? usual.LabelSmoothing,
                    Schedule = (parsed.GetValue(schedule) ?? (sgd ? Step : Cosine)) == Cosine ? new CosineSchedule { WarmupEpochs = rise }
                        : new StepSchedule
                        {
                            Milestones = [(int)Math.Ceiling(0.7 * whole), (int)Math.Ceiling(0.9 * whole)],
                            WarmupEpochs = rise,
                        },
                    Frozen = parsed.Given(freeze) ?? [],
                    TestEvery = parsed.GetValue(every),
                    Seed = parsed.GetValue(seed),
                };
            }

            void Tune(string start, Encoder from, string? to)
            {
                using Encoder network = FineTune.Classifier(from, images.Classes.Count, options);
                int size = parsed.GetValue(step);
                long began = Stopwatch.GetTimestamp();
                ClassifierProgress? latest = null;
                FineTuneResult found = images.ThroughEncoder(encoder, size, options.Seed, batches => Screen.During($"{start}:", tell =>
                    FineTune.Train(network, batches, options, new Telling<ClassifierProgress>(now => Tell(now, tell)), stop)), augmented);
                outcomes.Add((start, found));
                // What a whole epoch left stays, with the accuracy that was measured of it.
                if (found.Canceled && to is not null && latest is null) Save();

                void Tell(ClassifierProgress now, Action<string> tell)
                {
                    double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds, speed = (double)now.Batch * size / seconds;
                    tell($"epoch {now.Epoch} of {now.Epochs}, step {now.Batch} of {now.Batches}, loss {now.Loss:F3}, {speed:N0} images/s");
                    if (!now.IsEpochDone) return;
                    latest = now;
                    string tested = now.Test is { } test ? $", top-1 {Screen.Percent(test.Top1)}, top-5 {Screen.Percent(test.Top5)}" : "";
                    Screen.Say($"{start}, epoch {now.Epoch} of {now.Epochs}: loss {now.Loss:F4}{tested}, in {seconds:F1} s");
                    began = Stopwatch.GetTimestamp();
                    if (to is not null) Save();
                }

                void Save() => network.SaveEncoder(to!, new Dictionary<string, string>(encoder.ViewFacts)
                {
                    ["classes"] = JsonSerializer.Serialize(images.Classes, JsonText.Format),
                    ["fine_tuned_from"] = encoder.Choice.Path,
                    ["epochs"] = $"{latest?.Epoch ?? 0}",
                    ["top1"] = $"{latest?.Test?.Top1:R}",
                });
            }
        });
    }

    private static Option<double?> Real(string name, string description, double most) =>
        Values.Number(0, most).Option(name, description, value => (double?)value);

    /// <summary>The place in the run of an encoder's file.</summary>
    private static string InRun(string encoder)
    {
        RunFolder run = RunFolder.Of(encoder) ?? throw new UsageException(
            $"{encoder} lies in no run's folder, where the fine-tuned network would go; expected --out with a name for it.");
        Directory.CreateDirectory(run.Evaluation);
        return Path.Combine(run.Evaluation, "finetuned.safetensors");
    }

    private static object Row((int Epoch, double Loss, Accuracy? Test) done) =>
        new { done.Epoch, done.Loss, done.Test?.Top1, done.Test?.Top5 };

    private static void Show(IEnumerable<(string Start, FineTuneResult Result)> outcomes)
    {
        Table table = Screen.Table("fine-tuned end to end", "start", "epochs", "top-1", "top-5", "best top-1", "training loss");
        foreach ((string start, FineTuneResult found) in outcomes)
        {
            Accuracy? last = found.Last?.Test;
            string best = found.Best is { } most ? $"{Screen.Percent(most.Test.Top1)}, epoch {most.Epoch}" : "–";
            (string top1, string top5) = (Screen.Percent(last?.Top1 ?? double.NaN), Screen.Percent(last?.Top5 ?? double.NaN));
            table.Row(start, $"{found.Epochs.Count}", top1, top5, best, found.Epochs is [.., { } end] ? $"{end.Loss:F4}" : "–");
            if (found.Confusion is { } confusion) ClassTable.Show(confusion);
        }
        Screen.Show(table);
    }
}
