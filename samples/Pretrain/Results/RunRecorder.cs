using System.Diagnostics;
using MoCo.Training;

namespace Pretrain.Results;

/// <summary>Listens to the trainer: writes the run's files of metrics, takes the quick look when it is due, tells the display. Of several
/// processes rank 0 writes, and all look at the same moments.</summary>
internal sealed class RunRecorder : IProgress<TrainingProgress>, IDisposable
{
    private readonly MoCoTrainer trainer;
    private readonly TwoCropLoader loader;
    private readonly Display display;
    private readonly Job job;
    private readonly RunFiles files;
    private readonly MetricsWriter? file;
    private readonly TensorBoardWriter? events;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly LookMoments moments;
    private double waitedBefore, secondsBefore, told = double.NegativeInfinity;

    public RunRecorder(RunFolder run, MoCoTrainer trainer, TwoCropLoader loader, Display display, Job job, int lookEvery, RunFiles files)
    {
        (this.trainer, this.loader, this.display, this.job, this.files) = (trainer, loader, display, job, files);
        moments = new LookMoments(job.Looks, lookEvery, trainer.StepCount);
        // What was written of later steps is of steps that will be made again.
        if (trainer.Group.Rank > 0) return;
        file = new MetricsWriter(run.Root, trainer.StepCount);
        events = new TensorBoardWriter(run.Events, trainer.StepCount);
    }

    /// <summary>The quick look; null: none.</summary>
    public KnnMeasurement? Monitor { get; init; }

    /// <summary>The quick look at raw pixels, percent, to be shown beside; null: none.</summary>
    public double? KnnPixels { get; init; }

    /// <summary>When training is stopped from outside; null: never.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The latest quick look, percent.</summary>
    public double? Knn { get; private set; }

    /// <summary>The online probe's accuracy at the latest quick look, percent.</summary>
    public double? Probe { get; private set; }

    /// <summary>What quick looks took.</summary>
    public TimeSpan Looking { get; private set; }

    /// <summary>The rate of the latest step that was reported; null before the first.</summary>
    public double? LearningRate { get; private set; }

    public void Report(TrainingProgress value)
    {
        LearningRate = value.LearningRate;
        double wait = WaitShare();
        foreach ((string Name, double Value)[] row in ReportedValues.Rows(value, wait)) Write(value.Step, row);
        string? look = Monitor is not null && moments.IsDue(value) ? Look(value.Step) : null;
        string? epoch = value.Summary is { } ended && IsTold(value) ? job.Worded(ended.Health()) : null;
        if (epoch is not null && value.ProbeAccuracy is double probe) epoch += $"; online probe {probe:P1} of the batches";
        if (look is not null) epoch ??= $"step {value.Step:N0}, {value.Share:P0} of the {(value.Epochs is null ? "time" : "steps")}";
        if (epoch is not null) display.Say(look is null ? epoch : $"{epoch}; {look}");
        TimeSpan left = Limit - Stopwatch.GetElapsedTime(started) is { } limit && limit < value.TimeLeft ? limit : value.TimeLeft;
        display.Show(new RunStatus(value, wait, Knn, Probe, Monitor?.Called, KnnPixels, left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    /// <summary>Writes an accuracy of the quick look.</summary>
    public void WriteKnn(long step, double percent)
    {
        Knn = percent;
        Write(step, (MetricsRow.Knn, percent / 100));
    }

    /// <summary>Writes the run's line of TensorBoard's HPARAMS table, which compares runs.</summary>
    public void WriteOptions(Plan plan)
    {
        IEnumerable<(string Name, string? Text)> options = Settings.All.Select(setting => (setting.Name, setting.Read(plan)));
        events?.Hyperparameters(
            options.Where(option => option.Text is not null).ToDictionary(option => option.Name, option => Typed(option.Text!)),
            MetricsRow.Loss, MetricsRow.Knn);

        static object Typed(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : text;
    }

    /// <summary>Returns when the events are on the disk.</summary>
    public void Flush() => files.Write(() => events?.Flush());

    public void Dispose()
    {
        file?.Dispose();
        events?.Dispose();
    }

    private bool IsTold(TrainingProgress value)
    {
        if (value.Share < 1 && (value.Share - told) * job.EpochLines < 1) return false;
        told = value.Share;
        return true;
    }

    private string Look(long step)
    {
        try
        {
            (double knn, Probe) = Monitor!.Of(trainer.QueryEncoder, trainer.TestProbe);
            WriteKnn(step, knn);
            if (Probe is double percent) Write(step, (MetricsRow.Probe, percent / 100));
            Looking += Monitor.Elapsed;
            return $"kNN{(Probe is double probe ? $" and online probe, {Monitor.Called}: {knn:F1} % and {probe:F1} %"
                : $", {Monitor.Called}: {knn:F1} %")}";
        }
        catch (OperationCanceledException)
        {
            return "stopping";
        }
    }

    private void Write(long step, params (string Name, double Value)[] values)
    {
        if (file is null || events is null) return;
        files.Write(() => file.Write(step, [.. values.Select(value => KeyValuePair.Create(value.Name, value.Value))]));
        foreach ((string name, double value) in values) files.Write(() => events.Scalar(name, step, value));
    }

    /// <summary>Since the last report. A quick look is neither a moment that training waited, nor one that it worked.</summary>
    private double WaitShare()
    {
        double waited = loader.Statistics.SecondsWaited, seconds = (Stopwatch.GetElapsedTime(started) - Looking).TotalSeconds;
        double share = seconds > secondsBefore ? Math.Clamp((waited - waitedBefore) / (seconds - secondsBefore), 0, 1) : 0;
        (waitedBefore, secondsBefore) = (waited, seconds);
        return share;
    }
}
