using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

/// <summary>What the child process does: forward and backward through narrow networks with two threads and batches that these cannot halve,
/// where oneDNN's kernels work on parts of an image.</summary>
internal static class NarrowNetworksProgram
{
    /// <summary>The first argument that starts it.</summary>
    public const string Name = "narrow-networks";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static int Run()
    {
        using Timer limit = new(_ => Environment.Exit(3), null, Patience, Timeout.InfiniteTimeSpan);
        set_num_threads(2);
        foreach (double width in new[] { 0.0625, 0.125, 0.1875 }) Step(width, batch: 13);
        return 0;
    }

    private static void Step(double width, int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, Width = width };
        using ResNet network = new(options, Precision.Float32);
        using FlatParameters flat = new(network, withGradients: true); // weights and gradients lie as in training
        Tensor images = ChannelsLast.Make(ones(batch, options.InputChannels, 32, 32));
        for (int i = 0; i < 3; i++) network.call(images).sum().backward();
    }
}
