using MoCo;
using MoCo.Contrast;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Reporting;
using MoCo.Training;
using static TorchSharp.torch;

namespace Pretrain;

/// <summary>The job from flags to weights. Whatever can be wrong with what was asked for is found before the first step.</summary>
internal sealed class Run(Request request, Display display, StopSignals signals)
{
    private const int Done = 0;

    private readonly RunFolder run = new(request.Out);

    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">Flags, data, folder or checkpoint can't be used.</exception>
    public int Execute()
    {
        Origin? origin = request.Resume is { } asked ? Origin.Find(asked, run, display.Say) : null;
        Plan plan = origin?.Continue(request, display.Say) ?? request.Plan;
        if (plan.Data is null && request.Resume is not null)
            throw new UsageException($"There is no checkpoint in {run.Checkpoints} to go on from; a new run needs --data.");
        plan.Validate();
        DataSet.RequireThere(plan);
        using CheckpointFolder checkpoints = Claim(plan, origin);
        Device device = RunDevice.For(plan);
        DataSet data = DataSet.Open(plan);
        // What was chosen by looking at the images is written down, so that it is the same when the run goes on.
        plan = plan with
        {
            Options = plan.Options with { InputChannels = data.Train.Channels },
            Views = ViewRecipe.Kind(plan, data.Train),
            ViewSize = data.Views.OutputSize,
        };
        using TwoCropLoader loader = Loader(data, plan, device);
        using MoCoTrainer trainer = Trainer(plan, device, origin, data, loader);
        foreach (string line in Preamble.Of(plan, data, loader, trainer, origin is not null)) display.Say(line);
        SettingsFile.Write(run.Options, plan, data.Count);
        trainer.Checkpoints = checkpoints;
        return Train(trainer, loader, plan, data, device);
    }

    private int Train(MoCoTrainer trainer, TwoCropLoader loader, Plan plan, DataSet data, Device device)
    {
        FitResult fit;
        Recorder recorder;
        using (var metrics = new RunMetrics(run, trainer.StepCount))
        {
            recorder = new Recorder(trainer, loader, plan, KnnMonitor.For(data, plan, device, signals.Token), metrics, display);
            fit = display.During(() => trainer.Fit(loader, recorder, signals.Token));
        }
        bool timed = trainer.Options.Duration is not null;
        if (fit.Cancelled)
        {
            display.Say($"Stopped and saved at step {trainer.StepCount:N0}, in epoch {trainer.Epoch + 1}{(timed ? "" : $" of {trainer.Options.Epochs}")}. To go on:\n  pretrain --out {Shell.Quoted(request.Out)} --resume");
            return signals.ExitCode;
        }
        trainer.QueryEncoder.SaveBackbone(run.Backbone);
        if (data.Train.Errors.Count > 0) display.Say($"{data.Train.Errors.Count:N0} images could not be read; the first: {data.Train.Errors.First[0]}");
        ReportPage.Write(run, plan, trainer, data, device, signals.Token);
        string speed = fit.Steps > 0 ? $", {fit.Images / fit.Elapsed.TotalSeconds:N0} images/s" : "";
        display.Say($"{(timed ? $"The {Values.Text(trainer.Options.Duration!.Value)} are over in epoch {trainer.Epoch + 1}" : $"All {trainer.Options.Epochs} epochs are done")}: {trainer.StepCount:N0} steps{speed}{(recorder.Knn is double knn ? $", kNN {knn:F1} %" : "")}. In {request.Out}: report.html, backbone.safetensors, checkpoints/last.ckpt, metrics.csv, options.json.");
        return Done;
    }

    private CheckpointFolder Claim(Plan plan, Origin? origin)
    {
        CheckpointFolder folder;
        try
        {
            folder = new CheckpointFolder(run.Checkpoints, plan.Saving);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The run's folder can't be used: {error.Message} Name another with --out.");
        }
        if (origin is not null || request.Resume is not null || (!File.Exists(folder.Last) && folder.Kept.Count == 0)) return folder;
        folder.Dispose();
        throw new UsageException($"{request.Out} holds a run already; --resume goes on with it, another --out begins a new one.");
    }

    private static TwoCropLoader Loader(DataSet data, Plan plan, Device device)
    {
        TwoCropLoader loader;
        try
        {
            loader = data.Loader(plan, plan.Options, device);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(Settings.InFlags(error.Message));
        }
        if (loader.Count % plan.Options.BatchSize != 1 || plan.Options.DropLastBatch) return loader;
        loader.Dispose();
        throw new UsageException($"{data.Train.Name} has {data.Count:N0} images, which leaves a last batch of one, too few for BatchNorm; add --drop-last, or another --batch-size than {plan.Options.BatchSize}.");
    }

    private MoCoTrainer Trainer(Plan plan, Device device, Origin? origin, DataSet data, TwoCropLoader loader)
    {
        var trainer = new MoCoTrainer(plan.Options, device, new DisplayLogger(display));
        try
        {
            if (origin is not null)
            {
                trainer.Load(origin.Checkpoint);
                origin.Refuse(trainer, data, loader.BatchesPerEpoch);
            }
            else if (plan.Init is { } file)
            {
                display.Say(Beginning.With((MomentumContrast)trainer.Method, file));
            }
            return trainer;
        }
        catch (Exception error) when (error is UsageException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            trainer.Dispose();
            throw error as UsageException ?? new UsageException(error.Message);
        }
    }
}
