using System.Diagnostics;
using Lab.Results;
using Lab.Studies;
using MoCo.Contrast;
using MoCo.Training;
using Pretrain;

namespace Lab;

/// <summary>A study from its first run to its page. Every run is a run's folder of its own, which goes on where it was stopped; one that is
/// finished is not repeated.</summary>
internal sealed class StudyRun(Study study, Ground ground, Asked asked, string folder, Display display, StopSignals signals)
{
    private const int LossSteps = 50;
    private const double CollapsedSpread = 0.2;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly CancellationToken stop = signals.Token;

    /// <summary>The file of a study's rows.</summary>
    public const string ResultsName = "results.csv";

    /// <summary>The page.</summary>
    public const string PageName = "study.html";

    /// <exception cref="OperationCanceledException">Stopped; the same command goes on.</exception>
    public void Execute()
    {
        asked.Write(folder);
        StudyFile file = Json.ReadOrNull<StudyFile>(Path.Combine(folder, StudyFile.Name)) ?? Begin();
        int all = study.Trials.Count * asked.Seeds, done = 0;
        List<TrialResult> results = [];
        // Seed by seed, so that the table is whole after the first.
        for (int seed = 0; seed < asked.Seeds; seed++)
        {
            foreach (Trial trial in study.Trials)
            {
                RunFolder run = new(Path.Combine(folder, "runs", $"{trial.Folder}-seed{seed}"));
                TrialResult? known = TrialResult.Read(run);
                TrialResult result = known ?? Finish(trial, file.Epochs, seed, run);
                results.Add(result);
                done++;
                if (known is null) Tell($"{done} of {all}: {trial.Name}, seed {seed}: {Told(result)}");
                if (known is null || done == all) Write(file, results);
            }
        }
        foreach ((_, string text) in Verdict.Of(study, Row.Of(study, results), file.Pixels, file.Untrained)) display.Say($"  {text}");
        Tell($"in {folder}: {PageName}, {ResultsName}, runs/");
    }

    private void Tell(string line) => display.Say($"{study.Name}: {line}");

    /// <summary>Measures what there is to beat, and fixes how many epochs every run gets.</summary>
    private StudyFile Begin()
    {
        Measurement measurement = ground.Measurement(stop);
        Worth pixels = measurement.Pixels();
        long measuring = Stopwatch.GetTimestamp();
        MoCoOptions options = ground.Run(study.Trials[0], epochs: 1, seed: 0).Plan.Options;
        using Encoder encoder = Encoder.Create(options.Encoder, options.Precision, options.Seed);
        Worth untrained = measurement.Of(encoder);
        double seconds = Stopwatch.GetElapsedTime(measuring).TotalSeconds;
        Tell($"linear and kNN accuracy of raw pixels {pixels.Linear:F1} % and {pixels.Knn:F1} %, of the untrained encoder "
            + $"{untrained.Linear:F1} % and {untrained.Knn:F1} %.");
        Dictionary<string, double> pace = [];
        int runs = study.Trials.Count * asked.Seeds, epochs = asked.Epochs ?? 1;
        if (asked.Epochs is null)
        {
            foreach (Trial trial in study.Trials)
            {
                (Plan plan, DataSet data) = ground.Run(trial, epochs: 1, seed: 0);
                pace[trial.Name] = Math.Round(Pace.OfEpoch(plan, data, stop), 2);
            }
            (string slowest, double longest) = pace.MaxBy(entry => entry.Value);
            epochs = Epochs(asked.Budget, Stopwatch.GetElapsedTime(started).TotalSeconds, runs, seconds, longest);
            double minutes = (runs * seconds + epochs * asked.Seeds * pace.Values.Sum()) / 60;
            Tell($"{Count(runs, "run")} of {Count(epochs, "epoch")}, about {minutes:F0} min: an epoch of the slowest, {slowest}, takes "
                + $"{longest:F1} s.");
            if (epochs * longest + seconds > asked.Budget * 60 / runs)
                Tell($"one epoch of each run is more than --budget {Values.Text(asked.Budget)} has; fewer --images or --seeds would fit.");
        }
        else
            Tell($"{Count(runs, "run")} of {Count(epochs, "epoch")}.");
        StudyFile file = new(epochs, ground.Images, measurement.Voting, measurement.Asked, pixels, untrained, pace);
        OutputFile.Replace(Path.Combine(folder, StudyFile.Name), JsonText.Of(file));
        return file;
    }

    private static string Count(int count, string what) => $"{count:N0} {what}{(count == 1 ? "" : "s")}";

    /// <summary>The epochs of every run: what the slowest has time for in its share of the budget, at least one.</summary>
    /// <param name="minutes">The budget.</param>
    /// <param name="spent">Seconds before the first run.</param>
    /// <param name="measuring">Seconds that measuring an encoder takes.</param>
    /// <param name="longest">Seconds of an epoch of the slowest.</param>
    public static int Epochs(double minutes, double spent, int runs, double measuring, double longest) =>
        Math.Max(1, (int)(((minutes * 60 - spent) / runs - measuring) / longest));

    /// <summary>Trains and measures; where a run of before stands, from there.</summary>
    private TrialResult Finish(Trial trial, int epochs, long seed, RunFolder run)
    {
        stop.ThrowIfCancellationRequested();
        (Plan plan, DataSet data) = ground.Run(trial, epochs, seed);
        Request request = new(plan, null, [], run.Root, Request.Automatic, Plain: false) { Job = new LabJob(plan, data) };
        TrialResult result = new(study.Name, study.Variable, trial.Name, seed, epochs, null, null, null, 0, TrialResult.Done, "");
        try
        {
            int code = new Run(request, new RunDisplay(display), signals).Execute();
            stop.ThrowIfCancellationRequested();
            if (code != 0) throw new IOException($"Not all files of {run.Root} could be written; the same command goes on.");
            result = Measured(result, run);
        }
        catch (InvalidOperationException error) when (error.InnerException is TrainingDivergedException diverged)
        {
            result = result with { Status = TrialResult.Diverged, Reason = $"the loss was not finite at step {diverged.Step:N0}" };
        }
        result = WithMetrics(result, run);
        result.Write(run);
        return result;
    }

    private TrialResult Measured(TrialResult result, RunFolder run)
    {
        using MoCoTrainer trainer = MoCoTrainer.Resume(Path.Combine(run.Checkpoints, "last.ckpt"));
        Measurement measurement = ground.Measurement(stop);
        Worth worth = measurement.Of(trainer.QueryEncoder);
        double spread = measurement.Spread(trainer.QueryEncoder);
        result = result with { Knn = worth.Knn, Linear = worth.Linear };
        return spread >= CollapsedSpread ? result : result with
        {
            Status = TrialResult.Collapsed,
            Reason = $"the embeddings are nearly the same, their spread is {spread:F2}, where even ones have 1",
        };
    }

    private static TrialResult WithMetrics(TrialResult result, RunFolder run)
    {
        IReadOnlyList<MetricsRow> rows = File.Exists(run.MetricsJsonLines) ? MetricsRow.ReadFile(run.MetricsJsonLines) : [];
        double[] losses = Values(MetricsRow.Loss), seconds = Values(MetricsRow.EpochSeconds);
        double? loss = losses.Length > 0 ? Math.Round(losses[^Math.Min(losses.Length, LossSteps)..].Average(), 4) : null;
        return result with { Loss = loss, Seconds = Math.Round(seconds.Sum(), 1) };

        double[] Values(string name) =>
            [.. rows.Select(row => row.Values.GetValueOrDefault(name, double.NaN)).Where(double.IsFinite)];
    }

    private static string Told(TrialResult result)
    {
        string accuracy = result is { Linear: double linear, Knn: double knn } ? $"linear {linear:F1} %, kNN {knn:F1} %" : "";
        string wrong = result.Status == TrialResult.Done ? "" : $"{result.Status}, {result.Reason}";
        string[] parts = [accuracy, $"loss {result.Loss:F3}", $"{result.Seconds:F0} s", wrong];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private void Write(StudyFile file, IReadOnlyCollection<TrialResult> results)
    {
        OutputFile.Replace(Path.Combine(folder, ResultsName), CsvText.Of([.. results.Select(JsonText.Object)]));
        ComparisonReport page = StudyPage.Of(study, asked, file, results);
        (page with { Notes = [.. page.Notes, .. Unfilled(file.Epochs)] }).Save(Path.Combine(folder, PageName));
    }

    /// <summary>Queues that a run never fills with keys.</summary>
    private IEnumerable<string> Unfilled(int epochs)
    {
        long keys = (long)epochs * ground.Images;
        string[] names = [.. study.Trials.Where(trial => ground.Run(trial, epochs, seed: 0).Plan.Options is
            { Method: MethodKind.MoCo, Queue.Length: int length } && length > keys).Select(trial => trial.Name)];
        if (names.Length > 0)
            yield return $"A run makes {keys:N0} keys: the queue keeps random ones to the run's end in {string.Join("; ", names)}.";
    }
}
