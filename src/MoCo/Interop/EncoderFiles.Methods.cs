using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Interop.Layouts;
using MoCo.Interop.PyTorch;
using MoCo.Optimization;

namespace MoCo.Interop;

/// <content>A whole <see cref="MomentumContrast"/>.</content>
public static partial class EncoderFiles
{
    /// <summary>Starts from any file that <see cref="WeightFile"/> knows: takes over those of <paramref name="parts"/> that the file has,
    /// all or nothing. A file without a key encoder gives the key encoder the query encoder's weights, as at a run's start.</summary>
    /// <param name="method">The method that takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is wanted; leave out <see cref="WeightParts.Queue"/> for a queue of another length,
    /// <see cref="WeightParts.Head"/> for another head.</param>
    /// <returns>What was loaded and what was left.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another model, or has nothing of what is wanted; missing and
    /// unexpected tensors are listed.</exception>
    public static LoadedWeights LoadWeights(this MomentumContrast method, string path, WeightParts parts = WeightParts.All)
    {
        ArgumentNullException.ThrowIfNull(method);
        using WeightFile file = WeightFile.OpenKnown(path);
        if ((parts & file.Parts) == WeightParts.None)
            throw new InvalidDataException($"{path} (layout {file.Layout}) has none of {parts}; it has {file.Parts}.");
        parts &= file.Parts;
        bool keys = parts.HasFlag(WeightParts.KeyEncoder);
        WeightLoad load = new WeightLoad(file, parts).Query(method.QueryEncoder);
        if (keys) load.Key(method.KeyEncoder);
        if (parts.HasFlag(WeightParts.Queue)) load.Queue(method.Queue);
        LoadedWeights loaded = load.Finish();
        if (!keys) CopyToKeys(method, parts);
        method.AfterLoading();
        return loaded;
    }

    /// <summary>Writes the official code's checkpoint: <c>{epoch, arch, state_dict, optimizer}</c> with the keys of
    /// <c>DistributedDataParallel(MoCo(…))</c>. <c>main_lincls.py --pretrained</c> loads it, and <c>main_moco.py --resume</c> continues
    /// from it, with the optimizer's momentum starting at zero. Atomic.</summary>
    /// <param name="method">The method; its encoders are a <see cref="ResNet"/> with a <see cref="ProjectionHead"/>.</param>
    /// <param name="path">The file to make or replace: <c>checkpoint_0199.pth.tar</c>.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="optimizer">The optimizer's learning rate at that time, momentum and weight decay; null: those of
    /// <c>main_moco.py</c>.</param>
    /// <exception cref="NotSupportedException">The encoders are others.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveOfficial(this MomentumContrast method, string path, int epoch = 0, OptimizationOptions? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OfficialCheckpoint.Write(path, method, epoch, optimizer ?? new OptimizationOptions());
    }

    /// <summary>Gives the key encoder what the query encoder took over from a file that has no key encoder.</summary>
    private static void CopyToKeys(MomentumContrast method, WeightParts parts)
    {
        using IDisposable _ = no_grad();
        Dictionary<string, Tensor> keys = method.KeyEncoder.state_dict();
        foreach ((string name, Tensor value) in method.QueryEncoder.state_dict())
            if (parts.HasFlag(WeightLoad.PartOf(name))) keys[name].copy_(value);
    }
}
