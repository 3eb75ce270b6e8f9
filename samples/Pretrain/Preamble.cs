using MoCo;
using MoCo.Encoders;
using MoCo.Loading;

namespace Pretrain;

/// <summary>What is said before the first step: what will be done, and what looks unwise about it.</summary>
internal static class Preamble
{
    /// <summary>Below this many pixels the ImageNet stem leaves next to nothing of a view.</summary>
    private const int SmallView = 64;

    public static IEnumerable<string> Of(Plan plan, DataSet data, TwoCropLoader loader, MoCoTrainer trainer, bool resumed)
    {
        MoCoOptions options = trainer.Options;
        yield return $"{data.Count:N0} images to learn from, from {plan.Data}, as views of {data.Views.OutputSize}×{data.Views.OutputSize}; {data.Measured}.";
        foreach (string note in data.Train.Notes) yield return note;
        yield return $"{Values.Name(options.Backbone)}{(options.Width == 1 ? "" : $" of width {Values.Text(options.Width)}")}, {Values.Name(options.Head)} head, K {options.QueueLength:N0}, τ {Values.Text(options.Temperature)}, batch {options.BatchSize}, {Length(options)} of {loader.BatchesPerEpoch:N0} steps; {plan.Threads} threads, {plan.Device}.";
        if (options.QueueLength >= data.Count)
            yield return $"note: the queue of {options.QueueLength:N0} keys is not shorter than the {data.Count:N0} images, so an image meets itself among its negatives; --queue {Fitting(data.Count, options.BatchSize)} avoids it.";
        if (data.Views.OutputSize <= SmallView && options.Stem == Stem.ImageNet)
            yield return $"note: the stem for large images leaves {Math.Max(1, data.Views.OutputSize / 32)}×{Math.Max(1, data.Views.OutputSize / 32)} of a view of {data.Views.OutputSize}; --stem smallimage is meant for these.";
        if (resumed)
            yield return (trainer.IsDone, options.Duration) switch
            {
                (false, null) => $"Going on at step {trainer.StepCount:N0}, in epoch {trainer.Epoch + 1} of {options.Epochs}.",
                (false, { } time) => $"Going on at step {trainer.StepCount:N0}, in epoch {trainer.Epoch + 1}, after {trainer.TimeSpent / time:P0} of {Values.Text(time)}.",
                (true, null) => $"All {options.Epochs} epochs are done already; --epochs N trains on, N in all.",
                (true, { } time) => $"The {Values.Text(time)} of training are over already; --duration TIME trains on, the time in all.",
            };
    }

    private static string Length(MoCoOptions options) => options.Duration is { } time
        ? $"{Values.Text(time)} of training in epochs"
        : $"{options.Epochs} {(options.Epochs == 1 ? "epoch" : "epochs")}";

    private static long Fitting(long images, int batch) => Math.Max(batch, 1L << (int)Math.Log2(Math.Max(2, images / 2)));
}
