using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Data;
using MoCo.Loading;
using MoCo.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MoCo.Benchmarks;

/// <summary>Sound runs and runs that collapse on purpose: what is measured of their embeddings, and what is said of them.</summary>
internal sealed class CollapseCommand : ICommand
{
    public string Name => "collapse";

    public string Summary => "sound runs and runs that collapse on purpose: what is measured and what is said of them";

    public string Explanation =>
        "Trains a ResNet-18 of width 0.25 on images of one channel, an epoch a run, by every method and recipe, and again so that it\n" +
        "must collapse. Prints what is measured of the embeddings on the way, and each epoch's line of health.";

    public IReadOnlyList<Flag> Flags { get; } =
    [
        new("--data", "DIR", "the MNIST family's files"),
        new("--images", "N", "images of an epoch [25600]"),
        new("--seeds", "N", "seeds of each run [2]"),
        new("--first-seed", "N", "the first of them [0]"),
        new("--epochs", "N", "epochs; a memory bank has one more [1]"),
        new("--runs", "TEXT", "only runs whose name has this"),
        new("--every", "STEPS", "steps between two measurements [50]"),
        new("--threads", "N", "threads [1]"),
    ];

    public int Run(CommandLine line)
    {
        set_num_threads(line.Whole("--threads", 1, 1, 1024));
        string data = line.Text("--data")
            ?? throw new UsageException("--data is missing; expected a folder with the MNIST family's files.");
        IImageSource images = ((IImageSource)ImageSources.Open(data)).Spread(line.Whole("--images", 25_600, 256, 10_000_000));
        foreach (int features in (ReadOnlySpan<int>)[512, 2048]) Console.WriteLine(Cost(features));
        (int every, int first, int count)
            = (line.Whole("--every", 50, 0, 1 << 30), line.Whole("--first-seed", 0, 0, 1 << 30), line.Whole("--seeds", 2, 1, 100));
        int epochs = line.Whole("--epochs", 1, 1, 10_000);
        Console.WriteLine("| run | seed | step | loss | accuracy | deviation | least | rank | of features | alignment | uniformity |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (CollapseRun run in CollapseRuns.Of(images.Count).Where(run => run.Name.Contains(line.Text("--runs") ?? "")))
            foreach (int seed in Enumerable.Range(first, count))
                Train(run, run.Options with { Seed = seed, Epochs = run.Options.Epochs + epochs - 1 }, images, every);
        return 0;
    }

    /// <summary>What a look at 512 embeddings of 128 numbers takes.</summary>
    private static string Cost(int features)
    {
        using Tensor q = nn.functional.normalize(rand(512, 128), dim: 1), f = rand(512, features);
        double[] milliseconds = new double[5];
        for (int round = 0; round < milliseconds.Length; round++)
        {
            long started = Stopwatch.GetTimestamp();
            _ = MeasuredEmbeddings.Of(q, q, f);
            milliseconds[round] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        return Invariant($"A look at 512 embeddings of 128 numbers and {features} features takes {Statistics.Median(milliseconds):F0} ms.");
    }

    private static void Train(CollapseRun run, MoCoOptions options, IImageSource images, int every)
    {
        AugmentationRecipe views = run.Views?.Invoke(28) ?? AugmentationRecipe.Grey(28);
        using TwoCropLoader loader = new(images, views, options.Loader() with { Workers = 1 });
        using MoCoTrainer trainer = run.Method is { } make ? new MoCoTrainer(make(options), options) : new MoCoTrainer(options);
        (trainer.CollapseEverySteps, trainer.LogEverySteps) = (every, 10);
        long started = Stopwatch.GetTimestamp();
        try
        {
            trainer.Fit(loader, new Told(Report));
        }
        catch (TrainingDivergedException diverged)
        {
            Console.WriteLine(diverged.Message);
        }
        Console.WriteLine(Invariant($"{run.Name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));

        void Report(TrainingProgress now)
        {
            if (now.Embeddings is { } e)
                Console.WriteLine(Invariant($"| {run.Name} | {options.Seed} | {now.Step} | {now.Loss:F3} | {now.ContrastAccuracy:P0} | ")
                    + Invariant($"{e.Deviation:F3} | {e.LeastDeviation:F3} | {e.Rank.Value:F1} of {e.Rank.Most} | ")
                    + Invariant($"{e.FeatureRank?.Value:F1} of {e.FeatureRank?.Most} | {e.Alignment:F3} | {e.Uniformity:F2} |"));
            if (now.Summary is { } summary) Console.WriteLine(summary.Health());
        }
    }

    private sealed class Told(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }
}
