using System.Diagnostics;
using MoCo.Contrast;
using MoCo.Distributed;
using MoCo.Interop;
using MoCo.Training;
using MoCo.Training.Checkpoints;
using Samples.Encoders;
using Spectre.Console;

namespace Pretrain;

/// <summary>The job from flags to weights. Whatever can be wrong with what was asked for is found before the first step.</summary>
internal sealed class Run(Request request, Display display, StopSignals signals)
{
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly RunFolder run = new(request.Out);
    private readonly Job job = request.Job;
    private readonly CancellationToken stop = signals.Token;
    private RunFiles files = new(goesOn: false, display);
    private readonly RunRanks ranks = new();
    private Plan requested = request.Plan;

    private ProcessGroup Group => ranks.Group;

    /// <exception cref="UsageException">Flags, data, folder or checkpoint can't be used.</exception>
    public int Execute()
    {
        LaunchEnvironment launched = ranks.Launched;
        if (job.Budget is not null && launched.Size > 1)
            throw new UsageException($"The quickstart trains in one process, and {launched.StartedBy} has started {launched.Size}; "
                + "pretrain trains one model in many.");
        ranks.JoinEarly();
        Origin? origin = request.Resume is { } asked ? Origin.Find(asked, run, request.Plan, display.Say) : null;
        Plan plan = job.Ask(origin?.Continue(request, display.Say) ?? request.Plan);
        if (plan.Data is null && request.Resume is not null)
            throw new UsageException($"There is no checkpoint in {run.Checkpoints} to go on from; a new run needs --data.");
        // What a run began with may be gone by the time that it goes on.
        (origin is null ? plan : plan with { Init = null }).Validate(launched.Size);
        requested = plan;
        plan = plan.Among([.. request.Flags.Select(flag => flag.Setting.Name)], launched);
        Device device = Devices.Open(plan.Device, launched);
        ranks.Join(device);
        ranks.RequireEqual(plan, origin);
        using CheckpointFolder checkpoints = Claim(plan, origin);
        files = new RunFiles(plan.Saving.GoOnAfterError, display);
        set_num_threads(plan.Threads);
        DataSet data = DataSet.Open(plan);
        int channels = plan.Options.Encoder.InputChannels;
        if (channels != data.Train.Channels && request.Flags.Any(flag => flag.Setting.Name == "channels"))
            throw new UsageException($"--channels is {channels}, and {data.Train.Name} has images of {data.Train.Channels}.");
        // What was chosen by looking at the images is written down, so that it is the same when the run goes on.
        (plan, data) = job.Choose(plan, data, isNew: origin is null);
        if (origin is null && request.Flags.All(flag => flag.Setting.Name != Settings.LeaveOut)) plan = plan.WithoutOwnKeys(data);
        using TwoCropLoader loader = data.Loader(plan, device, Group);
        foreach (string line in data.Found(plan.DataName!)) display.Say(line);
        MoCoTrainer? trainer = origin is null ? null : Trainer();
        AppDomain.CurrentDomain.UnhandledException += TellOfOtherThread;
        try
        {
            KnnMeasurement? measurement = KnnMeasurement.For(data, plan, device, stop, Group);
            Baseline? baseline = null;
            TimeSpan? training = null;
            if (job.Budget is { } budget)
            {
                if (measurement is not null) baseline = Baseline.Measure(measurement, plan.Options);
                if (baseline is { } known)
                    display.Say($"kNN accuracy before training: raw pixels {known.Pixels:F1} %, untrained encoder {known.Untrained:F1} %.");
                training = budget.ForTraining(baseline?.Measuring ?? TimeSpan.Zero);
                if (plan.Options.Duration is not null && budget.IsGiven)
                {
                    // A run that goes on is given more: the schedule is stretched over the time in all.
                    plan = plan with { Options = plan.Options with { Duration = training + (trainer?.TimeSpent ?? TimeSpan.Zero) } };
                    trainer?.Dispose();
                    trainer = Trainer();
                }
            }
            trainer ??= Trainer();
            if (origin is null && plan.Init is { } weights) display.Say(Begin(trainer.Method, weights));
            foreach (string line in Preamble.Of(plan, data, loader, trainer, job)) display.Say(line);
            if (plan.Options.Duration is not null && job.Budget is { IsGiven: true } given) display.Say(given.Split(training!.Value));
            if (origin is null && job.Replaces)
                foreach (string old in checkpoints.Kept.Append(checkpoints.Last).Append(run.MetricsJsonLines)) File.Delete(old);
            if (Group.Rank == 0) WriteSettings(plan, data);
            trainer.Checkpoints = checkpoints;
            trainer.BadBatchFolder = run.BadBatches;
            int code = Train(trainer, loader, plan, data, measurement, baseline, plan.Options.Duration is null ? training : null);
            if (code == 0) Group.Complete();
            return code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            display.Say(trainer is not null && File.Exists(checkpoints.Last)
                ? $"Stopped and saved at step {trainer.StepCount:N0}, in epoch {Preamble.Epoch(trainer)}. To go on:\n"
                    + $"  {job.Again(request.Out, trainer, trainer.IsDone)}"
                : "Stopped before training began: there is nothing to save.");
            if (ranks.HaveStopped) Group.Complete();
            return signals.ExitCode;
        }
        catch (Exception error) when (trainer?.Checkpoints is not null && error is not UsageException)
        {
            ranks.LeaveToRankZero(error);
            throw new InvalidOperationException(Told(error), error);
        }
        finally
        {
            AppDomain.CurrentDomain.UnhandledException -= TellOfOtherThread;
            trainer?.Dispose();
        }

        string Told(Exception error) => Failure.Told(
            error, run, trainer!, job.Worded, job.Again(request.Out, trainer!, isDone: false));

        // The runtime ends the program after this, whatever is done.
        void TellOfOtherThread(object sender, UnhandledExceptionEventArgs unhandled)
        {
            if (trainer?.Checkpoints is not null && unhandled.ExceptionObject is Exception error) Console.Error.WriteLine(Told(error));
        }

        MoCoTrainer Trainer()
        {
            DisplayLogger logger = new(display);
            MoCoTrainer made = origin?.Trainer(plan.Options, device, data, loader.BatchesPerEpoch, plan.LogEverySteps, logger,
                    Group)
                ?? new MoCoTrainer(plan.Options, device, logger, Group) { LogEverySteps = plan.LogEverySteps };
            made.CollapseEverySteps = plan.CollapseEverySteps;
            return made;
        }
    }

    /// <param name="limit">When a run by epochs is stopped, to go on another time; null: never.</param>
    private int Train(
        MoCoTrainer trainer, TwoCropLoader loader, Plan plan, DataSet data,
        KnnMeasurement? measurement, Baseline? baseline, TimeSpan? limit)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        RunRecorder recorder = new(run, trainer, loader, display, job, plan.KnnEvery, files)
        {
            Monitor = measurement?.Quick(),
            KnnPixels = baseline?.QuickPixels,
            Limit = limit,
        };
        FitResult fit;
        using (recorder)
        {
            if (trainer.StepCount == 0) recorder.WriteOptions(plan);
            if (trainer.StepCount == 0 && baseline is not null) recorder.WriteKnn(0, baseline.QuickUntrained);
            if (limit is { } time) end.CancelAfter(time);
            try
            {
                fit = display.During(() => trainer.Fit(loader, recorder, end.Token));
            }
            catch (Exception error) when (plan.Saving.GoOnAfterError && error is IOException or UnauthorizedAccessException)
            {
                // Where the last checkpoint finds no room, the weights, a third of its size, may.
                if (trainer.StepCount > 0) files.Write(() => trainer.QueryEncoder.SaveBackbone(run.Backbone));
                throw;
            }
            recorder.Flush();
        }
        ranks.AgreeOnStopping(signals);
        // Fit saves after steps; a run that goes on from elsewhere may have had none left to make.
        if (trainer.StepCount > 0 && Group.Max(Group.Rank == 0 && !File.Exists(trainer.Checkpoints!.Last) ? 1 : 0) > 0)
        {
            trainer.Save(trainer.Checkpoints!);
            trainer.Checkpoints!.Flush();
        }
        if (Group.Rank > 0)
        {
            stop.ThrowIfCancellationRequested();
            return 0;
        }
        // Until the dictionary is full it holds random keys, and the loss is that of another task.
        long full = (trainer.Method.SettlingImages + trainer.Options.BatchSize - 1) / trainer.Options.BatchSize;
        IReadOnlyList<MetricsRow> all = [];
        bool isWritten = files.Write(() => all = MetricsRow.ReadFile(run.MetricsJsonLines));
        MetricsRow[] rows = [.. all.Where(row => row.Step > full || !row.Values.ContainsKey(MetricsRow.Loss))];
        string? looked = recorder.Monitor?.Called;
        RunReport report = ReportPage.Of(all, plan, trainer, data, looked) with
        {
            KnnPixels = baseline?.QuickPixels / 100,
            SettledStep = full,
        };
        // The weights first: what else is to be written may meet a full disk.
        if (!stop.IsCancellationRequested) isWritten &= files.Write(() => trainer.QueryEncoder.SaveBackbone(run.Backbone));
        isWritten &= files.Write(() => (report with { Metrics = rows }).SaveCurves(run.Curve));
        stop.ThrowIfCancellationRequested();
        double? trained = baseline is null ? recorder.Knn : measurement!.Of(trainer.QueryEncoder).Knn;
        isWritten &= files.Write(() => report.WithEmbeddings(trainer, data, plan, stop).Save(run.Report));
        MetricsRow[] losses = [.. rows.Where(row => row.Values.ContainsKey(MetricsRow.Loss))];
        Summary summary = new(
            KnnPixels: Rounded(baseline?.Pixels, 2),
            KnnUntrained: Rounded(baseline?.Untrained, 2),
            KnnTrained: Rounded(trained, 2),
            Probe: Rounded(recorder.Probe, 2),
            LossFirst: losses.FirstOrDefault()?.Values[MetricsRow.Loss],
            LossLast: losses.LastOrDefault()?.Values[MetricsRow.Loss],
            LossChance: trainer.Method.ChanceLoss,
            ContrastAccuracy: losses.LastOrDefault()?.Values[MetricsRow.ContrastAccuracy],
            ImagesPerSecond: fit.Images > 0 ? Rounded(fit.Images / (fit.Elapsed - recorder.Looking).TotalSeconds, 1) : null,
            Steps: trainer.StepCount,
            EpochsDone: Math.Round(trainer.Epoch + (double)trainer.Batch / loader.BatchesPerEpoch, 2),
            Epochs: trainer.Options.Duration is null ? trainer.Options.Epochs : null,
            LearningRateLast: recorder.LearningRate,
            TrainingSeconds: Math.Round(trainer.TimeSpent.TotalSeconds, 1),
            Seconds: Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
            Unreadable: data.Train.Errors.Count,
            ViewSize: data.Views.Query.OutputSize,
            Threads: plan.Threads,
            Seed: trainer.Options.Seed,
            PeakMemoryMb: Math.Round(Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, 1));
        isWritten &= files.Write(() => summary.Write(run));
        // The folder may have been deleted on the way.
        if (!File.Exists(run.Options)) isWritten &= files.Write(() => WriteSettings(plan, data));
        Tell(summary, trainer, loader, data, fit, looked);
        if (isWritten) return 0;
        display.Say("Not all of these could be written (see the errors above): --resume writes them, once there is space.");
        return 1;
    }

    private void Tell(Summary summary, MoCoTrainer trainer, TwoCropLoader loader, DataSet data, FitResult fit, string? looked)
    {
        MoCoOptions options = trainer.Options;
        int batches = loader.BatchesPerEpoch;
        if (options.Duration is not null ? fit.Steps > 0 : fit.Cancelled)
            display.Say(trainer.Batch == 0 ? $"The time is over at the end of epoch {trainer.Epoch}."
                : $"The time is over in epoch {Preamble.Epoch(trainer)}, after {trainer.Batch:N0} of its {Counted.Of(batches, "step")}.");
        if (summary.KnnPixels is double pixels)
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumns("features", "kNN top-1");
            table.Columns[1].RightAligned();
            table.AddRow("raw pixels", $"{pixels:F1} %").AddRow("untrained encoder", $"{summary.KnnUntrained:F1} %");
            AnsiConsole.Write(table.AddRow("trained encoder, no labels seen", $"[bold]{summary.KnnTrained:F1} %[/]"));
        }
        else if (job.Budget is not null)
        {
            display.Say($"No labels, so no accuracy: at the end the other view of an image was found among {options.Queue.Length:N0} "
                + $"negatives in {summary.ContrastAccuracy:P1} of cases. Images in one folder for each class would tell more.");
        }
        if (summary.Unreadable > 0) display.Say($"{Counted.Of(summary.Unreadable, "image")} could not be read.");
        IEnumerable<SourceErrors> errors = new[] { data.Train.Errors, data.Queries?.Errors }.OfType<SourceErrors>().Distinct();
        foreach (string line in errors.SelectMany(LeftOut.Lines)) display.Say(line);
        string speed = summary.ImagesPerSecond is double images ? $", at {images.ToString(images < 10 ? "F1" : "N0")} images/s" : "";
        string accuracy = summary is { KnnPixels: null, KnnTrained: double knn } ? $", kNN {knn:F1} % ({looked})" : "";
        display.Say($"{Counted.Of(summary.Steps, "step")}, {summary.EpochsDone:F1} epochs{speed}{accuracy}, {summary.Seconds:F0} s in all, "
            + $"{summary.PeakMemoryMb:N0} MB at most.");
        display.Say($"In {request.Out}: report.html, curve.svg, summary.json, metrics.csv, backbone.safetensors, "
            + "checkpoints/last.ckpt.");
        display.Say($"{(trainer.IsDone ? "To train on" : "To go on")}:\n  {job.Again(request.Out, trainer, trainer.IsDone)}");
    }

    /// <summary>What a machine's processes share is not what was asked for.</summary>
    private void WriteSettings(Plan plan, DataSet data)
        => SettingsFile.Write(run.Options, plan with { Threads = requested.Threads, Workers = requested.Workers }, data.Count);

    private CheckpointFolder Claim(Plan plan, Origin? origin)
    {
        CheckpointFolder folder;
        try
        {
            folder = new CheckpointFolder(run.Checkpoints, plan.Saving, Group);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The run's folder can't be used: {error.Message} (--out names it.)");
        }
        if (Group.Rank > 0) return folder;
        bool isEmpty = !File.Exists(folder.Last) && folder.Kept.Count == 0;
        if (isEmpty || origin is not null || request.Resume is not null || job.Replaces) return folder;
        folder.Dispose();
        throw new UsageException($"{request.Out} holds a run already; --resume goes on with it, another --out begins a new one.");
    }

    /// <summary>Takes weights out of anybody's file: encoder and head where they fit, else the backbone; the queue begins anew.</summary>
    /// <returns>A line that says what was taken.</returns>
    /// <exception cref="UsageException">Not even the backbone fits.</exception>
    private static string Begin(ContrastiveMethod method, string init)
    {
        string file = WeightPath.Of(init), left = "";
        (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string>) loaded;
        try
        {
            try
            {
                loaded = method.LoadWeights(file, WeightParts.All & ~WeightParts.Queue);
            }
            catch (InvalidDataException error)
            {
                loaded = method.LoadWeights(file, WeightParts.Backbone);
                left = $" ({error.Message.TrimEnd('.')})";
            }
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            throw new UsageException($"--init can't be used: {error.Message}");
        }
        string taken = loaded.Parts.HasFlag(WeightParts.Head) ? "backbone and head" : $"the backbone; the head is random{left}";
        string other = loaded.Layout == WeightLayout.Checkpoint ? " To go on with its run instead: --resume." : "";
        return $"Beginning with {file} (layout {loaded.Layout}): {taken}.{other}";
    }

    private static double? Rounded(double? value, int digits) => value is double number ? Math.Round(number, digits) : null;
}
