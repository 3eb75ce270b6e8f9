using MoCo;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>The job from pictures to numbers.</summary>
internal sealed class Run(Arguments arguments, Display display, CancellationToken stop)
{
    public const int Done = 0, Stopped = 130;

    private readonly Budget budget = new(arguments.Minutes);

    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">Folder, checkpoint or output can't be used.</exception>
    public int Execute()
    {
        var output = new OutputFolder(arguments.Out);
        DataSet data = DataSet.Load(arguments);
        set_num_threads(arguments.Threads);
        display.Say($"{data.Summary}; {arguments.Threads} threads.");
        using MoCoTrainer? resumed = arguments.Resume ? Checkpoints.Resume(arguments.Checkpoint ?? output.Checkpoint, arguments.Epochs, data) : null;
        Curve curve = resumed is null ? new Curve() : Curve.Read(output.CurveBeside(arguments.Checkpoint ?? output.Checkpoint), resumed.StepCount);
        Measurement? measurement = data.Measurement(stop);
        try
        {
            Baseline? baseline = measurement is null ? null : Baseline.Measure(measurement, resumed?.Options ?? data.Recipe.For(data.Train.Count, arguments.Seed ?? 0));
            if (baseline is not null) display.Say($"kNN accuracy before training: raw pixels {baseline.Pixels:F1} %, untrained encoder {baseline.Untrained:F1} %.");
            using MoCoTrainer? started = resumed is null ? Start(data, baseline) : null;
            return Train(resumed ?? started!, data, measurement, baseline, curve, output);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            display.Say("Stopped before training began: there is nothing to save.");
            return Stopped;
        }
    }

    private MoCoTrainer Start(DataSet data, Baseline? baseline)
    {
        MoCoOptions options = data.Recipe.For(data.Train.Count, arguments.Seed ?? 0);
        if (arguments.Epochs is int asked) return new MoCoTrainer(options with { Epochs = asked });
        double speed = budget.Calibrate(data.Recipe, options, data.Train, stop);
        int epochs = budget.Epochs(speed, data.Train.Count, baseline?.MonitorSeconds ?? 0, data.Recipe.MostEpochs);
        display.Say($"This machine trains on about {speed:N0} pictures a second: {epochs} {(epochs == 1 ? "epoch" : "epochs")} in the time given.");
        return new MoCoTrainer(options with { Epochs = epochs });
    }

    private int Train(MoCoTrainer trainer, DataSet data, Measurement? measurement, Baseline? baseline, Curve curve, OutputFolder output)
    {
        using TwoCropLoader loader = data.Recipe.Loader(data.Train, trainer.Options);
        if (trainer.StepCount == 0) curve.Add(new CurvePoint(0, 0, 0, null, null, null, baseline?.MonitorUntrained));
        else display.Say(trainer.Epoch < trainer.Options.Epochs
            ? $"Going on at step {trainer.StepCount:N0}, in epoch {trainer.Epoch + 1} of {trainer.Options.Epochs}."
            : $"All {trainer.Options.Epochs} epochs are done already: only measuring.");
        var recorder = new Recorder(trainer, loader, measurement?.Monitor(), baseline, curve, display, budget.ForTraining);
        trainer.CheckpointPath = output.Checkpoint;

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(TimeSpan.FromSeconds(recorder.SecondsGiven));
        FitResult fit = display.During(() => trainer.Fit(loader, recorder, end.Token));
        // Fit saves after steps; a run resumed from elsewhere may have had none left to make.
        if (fit.Steps == 0 && trainer.StepCount > 0) trainer.Save(output.Checkpoint);
        curve.Write(output.CurveCsv);
        CurveChart.Write(output.CurveSvg, curve, trainer.Method.ChanceLoss, baseline?.MonitorPixels, loader.BatchesPerEpoch);
        if (stop.IsCancellationRequested) return SayStopped(trainer, output);
        if (fit.Cancelled) display.Say($"The time is over in epoch {trainer.Epoch + 1} of {trainer.Options.Epochs}.");
        return Finish(trainer, fit, data, measurement, baseline, recorder, curve, output);
    }

    private int Finish(MoCoTrainer trainer, FitResult fit, DataSet data, Measurement? measurement, Baseline? baseline, Recorder recorder, Curve curve, OutputFolder output)
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
            ImagesPerSecond = fit.Pictures > 0 ? Math.Round(fit.Pictures / seconds, 1) : null,
            Steps = trainer.StepCount,
            EpochsDone = trainer.Epoch,
            Epochs = trainer.Options.Epochs,
            Seconds = Math.Round(budget.Spent, 1),
            Unreadable = data.Train.Faults.Count,
            ViewSize = data.Recipe.ViewSize,
            Threads = arguments.Threads,
            Seed = trainer.Options.Seed,
        };
        summary.Write(output.Summary);
        Report(summary, trainer, data, output);
        bool done = trainer.Epoch >= trainer.Options.Epochs;
        display.Say($"{(done ? "To train on" : "To go on")}:\n  {Places.ResumeCommand(arguments, done ? trainer.Options.Epochs * 2 : null)}");
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
            display.Say($"No labels, so no accuracy: at the end the other view of a picture was found among {trainer.Options.QueueLength:N0} negatives in {summary.ContrastAccuracy:P1} of cases. Pictures in one folder for each class would tell more.");
        }
        if (summary.Unreadable > 0) display.Say($"{summary.Unreadable:N0} pictures could not be read; the first: {data.Train.Faults.First[0]}");
        display.Say($"{summary.Steps:N0} steps{(summary.ImagesPerSecond is double speed ? $" at {speed:N0} pictures/s" : "")}, {summary.Seconds:F0} s in all, {summary.PeakMemoryMb:N0} MB at most.");
        display.Say($"In {output.Shown}: moco.ckpt, backbone.safetensors, curve.csv, curve.svg, summary.json.");
    }

    private static double? Rounded(double? value) => value is double number ? Math.Round(number, 2) : null;

    private int SayStopped(MoCoTrainer trainer, OutputFolder output)
    {
        display.Say(trainer.StepCount == 0
            ? "Stopped before the first step: there is nothing to save."
            : $"Stopped and saved at step {trainer.StepCount:N0} in {Places.Shown(output.Checkpoint)}. To go on:\n  {Places.ResumeCommand(arguments)}");
        return Stopped;
    }
}
