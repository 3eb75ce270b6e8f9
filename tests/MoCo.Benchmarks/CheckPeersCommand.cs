using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;
using MoCo.Contrast;
using MoCo.Interop;
using MoCo.Interop.PyTorch;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks;

/// <summary>The first loss of all sides from the same weights, queue and images: what is compared must be the same thing.</summary>
internal sealed class CheckPeersCommand : ICommand
{
    public string Name => "check-peers";

    public string Summary => "the first step's loss of all sides from the same weights (what 'step --compare' starts first)";

    public string Explanation =>
        "Gives our weights, our queue and one batch to plain TorchSharp and, with --python, to plain PyTorch, and prints the\n" +
        "losses of the first step as one line of JSON.";

    public IReadOnlyList<Flag> Flags => [.. Job.Flags, new("--python", "PATH", "a Python with PyTorch (default: it is left out)")];

    public int Run(CommandLine line)
    {
        Job job = Job.Parse(line);
        set_num_threads(job.Threads);
        random.manual_seed(0);
        using DisposeScope scope = NewDisposeScope();
        using MoCoTrainer trainer = new(TrainingParts.OptionsOf(job), torch.device(job.Device));
        MomentumContrast method = (MomentumContrast)trainer.Method;
        using Tensor images = randn(job.Batch, 3, job.Size, job.Size, device: trainer.Device),
            others = randn(job.Batch, 3, job.Size, job.Size, device: trainer.Device);

        // The peers first: our step changes weights and queue.
        JsonObject losses = new();
        if (MeasureTorchSharpCommand.Supports(job)) losses["torchsharp"] = OfTorchSharp(job, method, images, others);
        if (line.Text("--python") is string python) losses["pytorch"] = OfPyTorch(python, job, method, images, others);
        using TwoCropBatch batch = new(images.alias(), others.alias(), new int[job.Batch], 0, 0) { BatchesPerEpoch = 1000 };
        losses["ours"] = trainer.Step(batch).Loss;
        Console.WriteLine(losses.ToJsonString());
        return 0;
    }

    private static float OfTorchSharp(Job job, MomentumContrast method, Tensor images, Tensor others)
    {
        using TorchSharpMoCo peer = new(job);
        Copy(method.QueryEncoder, peer.QueryEncoder);
        Copy(method.KeyEncoder, peer.KeyEncoder);
        using (no_grad())
        using (Tensor keys = method.Queue.Keys()) peer.Queue.copy_(keys.t());
        return peer.Step(images, others);

        static void Copy(nn.Module ours, nn.Module theirs)
        {
            using IDisposable _ = no_grad();
            Dictionary<string, Tensor> from = ours.state_dict();
            foreach ((string name, Tensor tensor) in theirs.state_dict())
            {
                string ourName = name.StartsWith("fc.", StringComparison.Ordinal) ? "head.layers.0." + name[3..] : "backbone." + name;
                if (!from.TryGetValue(ourName, out Tensor? value))
                    throw new BenchmarkException(
                        $"Our encoder has no {ourName} for TorchVision's {name}; it has {string.Join(", ", from.Keys.Take(3))} ….");
                tensor.copy_(value);
            }
        }
    }

    private static double OfPyTorch(string python, Job job, MomentumContrast method, Tensor images, Tensor others)
    {
        string folder = Directory.CreateTempSubdirectory("moco-peers-").FullName;
        try
        {
            string weights = Path.Combine(folder, "weights.pth.tar"), batch = Path.Combine(folder, "batch.pth");
            method.SaveOfficial(weights);
            PyTorchWriter.Write(batch, new Hashtable { ["query"] = images, ["key"] = others });
            string[] arguments = [MeasuringProcess.PathOf("first_loss.py"), job.Architecture, job.Stem == Encoders.Stem.ImageNet
                ? "imagenet" : "small", weights, batch];
            Child? child = Child.Run(python, arguments, Runner.PeersVariables);
            if (child is not { Exit: 0 }) throw new BenchmarkException($"first_loss.py: {child?.Errors ?? $"no such program: {python}"}");
            return double.Parse(child.Output, CultureInfo.InvariantCulture);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
