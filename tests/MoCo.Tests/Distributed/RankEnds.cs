using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Distributed;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;
using MoCo.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed;

/// <summary>A run of two ranks of which rank 1 meets an end after its first checkpoint.</summary>
internal static class RankEnds
{
    public static MoCoOptions Options { get; } = TrainerFixture.Options with { BatchSize = 16, Epochs = 1_000 };

    /// <param name="group">The ranks.</param>
    /// <param name="folder">Where the run's files are.</param>
    /// <param name="how">What happens to rank 1.</param>
    public static int Run(ProcessGroup group, string folder, string how)
    {
        File.WriteAllText(Path.Combine(folder, $"pid{group.Rank}"), $"{Environment.ProcessId}");
        int reads = 0, readable = how == "unreadable images" && group.Rank == 1 ? 100 : int.MaxValue;
        using TwoCropLoader loader = new(
            new TrainerFixture.NoiseImages(32) { IsUnreadable = _ => Interlocked.Increment(ref reads) > readable },
            AugmentationRecipe.Grey(16), Options.Loader(group) with { MaximumErrorShare = 0 });
        using MoCoTrainer trainer = new(Options, group: group);
        using CheckpointFolder checkpoints = new(Path.Combine(folder, "checkpoints"), group: group);
        trainer.Checkpoints = checkpoints;
        trainer.Fit(loader, new Watch(progress =>
        {
            if (progress.Summary is null || progress.Epoch != 1) return;
            File.WriteAllText(Path.Combine(folder, $"started{group.Rank}"), "");
            if (group.Rank != 1) return;
            switch (how)
            {
                case "exception":
                    throw new InvalidOperationException("planted");
                case "exit code 3":
                    Environment.Exit(3);
                    break;
                case "exit code 0":
                    Environment.Exit(0);
                    break;
                case "kill -9":
                    Process.GetCurrentProcess().Kill();
                    break;
                case "hang":
                    Thread.Sleep(Timeout.Infinite);
                    break;
                case "not a number":
                    using (no_grad())
                        foreach (Tensor parameter in trainer.QueryEncoder.parameters())
                            parameter.fill_(Nothing);
                    break;
                case "apart":
                    using (no_grad())
                        trainer.QueryEncoder.parameters().First().add_(HeldScalars.One, HeldScalars.OneHalf);
                    break;
            }
        }));
        group.Complete();
        return 0;
    }

    private static readonly Scalar Nothing = double.NaN.ToScalar();

    private sealed class Watch(Action<TrainingProgress> look) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => look(value);
    }
}
