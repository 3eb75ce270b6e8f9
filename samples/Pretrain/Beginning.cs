using MoCo.Contrast;
using MoCo.Interop;

namespace Pretrain;

/// <summary>Weights to begin with, out of anybody's file.</summary>
internal static class Beginning
{
    /// <summary>Takes encoder and head where they fit, else the backbone alone; the queue always begins anew.</summary>
    /// <returns>A line that says what was taken.</returns>
    /// <exception cref="InvalidDataException">Not even the backbone fits.</exception>
    public static string With(MomentumContrast method, string file)
    {
        LoadedWeights loaded;
        try
        {
            loaded = method.LoadWeights(file, WeightParts.All & ~WeightParts.Queue);
        }
        catch (InvalidDataException)
        {
            loaded = method.LoadWeights(file, WeightParts.Backbone);
        }
        string taken = loaded.Parts.HasFlag(WeightParts.Head) ? "backbone and head" : "the backbone; the head is random";
        return $"Beginning with {file} (layout {loaded.Layout}): {taken}.";
    }
}
