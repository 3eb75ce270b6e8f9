using MoCo.Training;

namespace Pretrain.Results;

/// <summary>What <c>--replay</c> prints in the place of a run.</summary>
internal static class ReplayPage
{
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">The files can't be used.</exception>
    public static int Show(Request request, Display display)
    {
        string file = NamedPath.File(
            "--replay", request.Replay!, "a batch that a run wrote into its folder bad, step-…-batch-….safetensors");
        Precision? precision = request.Flags.Any(flag => flag.Setting.Name == "precision") ? request.Plan.Options.Precision : null;
        ReplayedStep replayed;
        try
        {
            replayed = MoCoTrainer.Replay(file, Devices.Open(request.Plan.Device), precision);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new UsageException($"--replay can't be used: {error.Message}");
        }
        string gradients = replayed.GradientNorm is double norm ? $", norm of the gradients {norm:G4}" : "";
        display.Say($"Step {replayed.Step:N0}, batch {replayed.Batch} of epoch {replayed.Epoch + 1}: loss {replayed.Loss:G6}"
            + $"{gradients}.");
        display.Say(replayed.FirstNotFinite switch
        {
            "views" => "The views themselves are not finite.",
            { } layer => $"The first result that is not finite is that of {layer}.",
            null => "The results of all layers are finite.",
        });
        if (replayed.Images.Count > 0) display.Say($"The images:\n  {string.Join("\n  ", replayed.Images)}");
        return 0;
    }
}
