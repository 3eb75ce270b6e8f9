if (args is not ([_] or [_, "--resume"])) return Say(2, "usage: dotnet run -c Release -- FOLDER-OF-IMAGES [--resume]");
if (args.Length == 1 && File.Exists("moco.ckpt")) return Say(2, "moco.ckpt is here: --resume goes on with it; or move it away");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) => { press.Cancel = !stop.IsCancellationRequested; stop.Cancel(); };
try
{
    var options = MoCoOptions.Cifar with { BatchSize = 64, Epochs = 20, DropLastBatch = true };
    options = options with { Queue = options.Queue with { LeaveOut = KeyExclusion.OwnImage } };                 // where images are few
    options = options with { Encoder = options.Encoder with { Width = 0.25, Stem = Stem.SmallImageStride2 } };  // for a CPU
    var device = cuda.is_available() ? CUDA : CPU;
    using var trainer = args.Length > 1 ? MoCoTrainer.Resume("moco.ckpt", device) : new MoCoTrainer(options, device);
    using var loader = new TwoCropLoader(ImageSources.OpenFolder(args[0]), AugmentationRecipe.Cifar(32), trainer.Options.Loader());
    trainer.CheckpointPath = "moco.ckpt";                                                                       // after every epoch
    if (trainer.Fit(loader, new Lines(), stop.Token).Cancelled) return Say(130, "stopped and saved; --resume goes on");
    trainer.QueryEncoder.SaveBackbone("backbone.safetensors");                                                  // Python reads it
    return Say(0, "written: moco.ckpt, backbone.safetensors");
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
{ return Say(2, error.Message); }
static int Say(int code, string line) { (code == 0 ? Console.Out : Console.Error).WriteLine(line); return code; }

sealed class Lines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress now) => Console.WriteLine(now.Summary?.Health() ?? $"{now.Share:P0} done, loss {now.Loss:F3}");
}
