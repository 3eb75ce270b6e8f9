using MoCo;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Reporting;
using MoCo.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>The job from images to numbers.</summary>
internal sealed class Run(Arguments arguments, Display display, CancellationToken stop)
{
    public const int Done = 0, Stopped = 130;
    private const double UsualMinutes = 5;

    private readonly Budget budget = new(TimeSpan.FromMinutes(arguments.Minutes ?? UsualMinutes));

    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">Folder, checkpoint or output can't be used.</exception>
    public int Execute()
    {
        var output = new OutputFolder(arguments.Out);
        string checkpoint = arguments.Checkpoint ?? output.Checkpoint;
        DataSet data = DataSet.Load(arguments);
        set_num_threads(arguments.Threads);
        display.Say($"{data.Summary}; {arguments.Threads} threads.");
        MoCoTrainer? trainer = arguments.Resume ? Checkpoints.Resume(checkpoint, arguments.Epochs, data) : null;
        Measurement? measurement = data.Measurement(stop);
        try
        {
            MoCoOptions options = trainer?.Options ?? data.Recipe.For(data.Train.Count, arguments.Seed ?? 0);
            Baseline? baseline = measurement is null ? null : Baseline.Measure(measurement, options);
            if (baseline is not null) display.Say($"kNN accuracy before training: raw pixels {baseline.Pixels:F1} %, untrained encoder {baseline.Untrained:F1} %.");
            TimeSpan measuring = baseline?.Measuring ?? TimeSpan.Zero, training = budget.ForTraining(measuring);
            if (trainer is null) trainer = new MoCoTrainer(arguments.Epochs is int epochs ? options with { Epochs = epochs } : options with { Duration = training });
            else if (options.Duration is not null && arguments.Minutes is not null) trainer = Checkpoints.GoOnFor(checkpoint, trainer, training);
            Curve curve = arguments.Resume ? Curve.Read(output.CurveBeside(checkpoint), trainer.StepCount) : new Curve();
            SayPlan(trainer, training);
            return Train(trainer, training, data, measurement, baseline, curve, output);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            display.Say("Stopped before training began: there is nothing to save.");
            return Stopped;
        }
        finally
        {
            trainer?.Dispose();
        }
    }

    private void SayPlan(MoCoTrainer trainer, TimeSpan training)
    {
        if (trainer.StepCount > 0)
        {
            string stands = $"step {trainer.StepCount:N0}, in epoch {trainer.Epoch + 1}";
            display.Say((trainer.IsDone, trainer.Options.Duration) switch
            {
                (false, null) => $"Going on at {stands} of {trainer.Options.Epochs}.",
                (false, { } time) => $"Going on at {stands}, after {Text(trainer.TimeSpent)} of {Text(time)} of training.",
                (true, null) => $"All {trainer.Options.Epochs} epochs are done already: only measuring.",
                (true, { } time) => $"The {Text(time)} of training are over already: only measuring; --minutes M trains on.",
            });
        }
        if (trainer.Options.Duration is null || (arguments.Resume && arguments.Minutes is null)) return;
        display.Say(training > budget.LeastForTraining
            ? $"Training for {Text(training)} of the {Text(budget.Given)}; the rest is for measuring."
            : $"Measuring takes long on this machine: training gets {Text(training)} all the same, and the job more than {Text(budget.Given)}.");
    }

    private int Train(MoCoTrainer trainer, TimeSpan training, DataSet data, Measurement? measurement, Baseline? baseline, Curve curve, OutputFolder output)
    {
        using TwoCropLoader loader = data.Recipe.Loader(data.Train, trainer.Options);
        if (trainer.StepCount == 0) curve.Add(new CurvePoint(0, 0, 0, null, null, null, baseline?.MonitorUntrained));
        // A run by time ends by itself; one by epochs is stopped, and can go on.
        TimeSpan? limit = trainer.Options.Duration is null ? training : null;
        var recorder = new Recorder(trainer, loader, measurement?.Monitor(), baseline, curve, display, limit);
        trainer.CheckpointPath = output.Checkpoint;

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (limit is { } time) end.CancelAfter(time);
        FitResult fit = display.During(() => trainer.Fit(loader, recorder, end.Token));
        // Fit saves after steps; a run resumed from elsewhere may have had none left to make.
        if (fit.Steps == 0 && trainer.StepCount > 0) trainer.Save(output.Checkpoint);
        curve.Write(output.CurveCsv);
        CurveChart.Write(output.CurveSvg, curve, trainer.Method.ChanceLoss, baseline?.MonitorPixels, loader.BatchesPerEpoch);
        if (stop.IsCancellationRequested) return SayStopped(trainer, output);
        if (trainer.Options.Duration is not null ? fit.Steps > 0 : fit.Cancelled)
            display.Say($"The time is over in epoch {trainer.Epoch + 1}{(fit.Cancelled ? $" of {trainer.Options.Epochs}" : "")}, after {trainer.Batch:N0} of its {loader.BatchesPerEpoch:N0} steps.");
        return Finish(trainer, fit, data, loader, measurement, baseline, recorder, curve, output);
    }

    private int Finish(
        MoCoTrainer trainer, FitResult fit, DataSet data, TwoCropLoader loader, Measurement? measurement, Baseline? baseline, Recorder recorder, Curve curve, OutputFolder output)
    {
        trainer.QueryEncoder.SaveBackbone(output.Backbone);
        double? trained;
        try
        {
            trained = measurement?.Of(trainer.QueryEncoder);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return SayStopped(trainer, output);
        }
        CurvePoint[] losses = [.. curve.Losses];
        double seconds = fit.Elapsed.TotalSeconds - recorder.MonitorSeconds;
        var summary = new Summary
        {
            KnnPixels = Rounded(baseline?.Pixels),
            KnnUntrained = Rounded(baseline?.Untrained),
            KnnTrained = Rounded(trained),
            LossFirst = losses.Length > 0 ? losses[0].Loss : null,
            LossLast = losses.Length > 0 ? losses[^1].Loss : null,
            LossChance = trainer.Method.ChanceLoss,
            ContrastAccuracy = losses.Length > 0 ? losses[^1].ContrastAccuracy : null,
            ImagesPerSecond = fit.Images > 0 ? Math.Round(fit.Images / seconds, 1) : null,
            Steps = trainer.StepCount,
            EpochsDone = Math.Round(trainer.Epoch + (double)trainer.Batch / loader.BatchesPerEpoch, 2),
            Epochs = trainer.Options.Duration is null ? trainer.Options.Epochs : null,
            LearningRateLast = recorder.LearningRate,
            TrainingSeconds = Math.Round(trainer.TimeSpent.TotalSeconds, 1),
            Seconds = Math.Round(budget.Spent.TotalSeconds, 1),
            Unreadable = data.Train.Errors.Count,
            ViewSize = data.Recipe.ViewSize,
            Threads = arguments.Threads,
            Seed = trainer.Options.Seed,
        };
        summary.Write(output.Summary);
        Report(summary, trainer, data, output);
        display.Say($"{(trainer.IsDone ? "To train on" : "To go on")}:\n  {ResumeCommand(trainer)}");
        return Done;
    }

    private void Report(Summary summary, MoCoTrainer trainer, DataSet data, OutputFolder output)
    {
        if (summary.KnnTrained is not null)
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumn("features").AddColumn(new TableColumn("kNN top-1").RightAligned());
            table.AddRow("raw pixels", $"{summary.KnnPixels:F1} %");
            table.AddRow("untrained encoder", $"{summary.KnnUntrained:F1} %");
            table.AddRow("trained encoder, no labels seen", $"[bold]{summary.KnnTrained:F1} %[/]");
            AnsiConsole.Write(table);
        }
        else
        {
            display.Say($"No labels, so no accuracy: at the end the other view of an image was found among {trainer.Options.QueueLength:N0} negatives in {summary.ContrastAccuracy:P1} of cases. Images in one folder for each class would tell more.");
        }
        if (summary.Unreadable > 0) display.Say($"{summary.Unreadable:N0} images could not be read; the first: {data.Train.Errors.First[0]}");
        display.Say($"{summary.Steps:N0} steps, {summary.EpochsDone:F1} epochs{(summary.ImagesPerSecond is double speed ? $", at {speed:N0} images/s" : "")}, {summary.Seconds:F0} s in all, {summary.PeakMemoryMb:N0} MB at most.");
        display.Say($"In {output.Shown}: moco.ckpt, backbone.safetensors, curve.csv, curve.svg, summary.json.");
    }

    private static double? Rounded(double? value) => value is double number ? Math.Round(number, 2) : null;

    private static string Text(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00} min";

    // A finished run needs to be given more of what it is measured in; an unfinished one has it.
    private string ResumeCommand(MoCoTrainer trainer) => (trainer.IsDone, trainer.Options.Duration) switch
    {
        (true, null) => Places.ResumeCommand(arguments, epochs: trainer.Options.Epochs * 2),
        (true, { }) => Places.ResumeCommand(arguments, minutes: arguments.Minutes ?? UsualMinutes),
        (false, null) => Places.ResumeCommand(arguments, minutes: arguments.Minutes),
        (false, { }) => Places.ResumeCommand(arguments),
    };

    private int SayStopped(MoCoTrainer trainer, OutputFolder output)
    {
        display.Say(trainer.StepCount == 0
            ? "Stopped before the first step: there is nothing to save."
            : $"Stopped and saved at step {trainer.StepCount:N0} in {Places.Shown(output.Checkpoint)}. To go on:\n  {ResumeCommand(trainer)}");
        return Stopped;
    }
}
