using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Interop.Layouts;
using MoCo.Interop.PyTorch;
using MoCo.Optimization;

namespace MoCo.Interop;

/// <content>A whole <see cref="ContrastiveMethod"/>.</content>
public static partial class EncoderFiles
{
    /// <summary>Starts from any file that <see cref="WeightFile"/> knows: takes over those of <paramref name="parts"/> that the file has
    /// and the method has a place for, all or nothing. A file without a key encoder gives the key encoder the query encoder's weights, as
    /// at a run's start; of stages that both share, the query encoder's count. Predictor, cluster head and memory bank stay.</summary>
    /// <param name="method">The method that takes the weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is wanted; leave out <see cref="WeightParts.Queue"/> for a queue of another length,
    /// <see cref="WeightParts.Head"/> for another head.</param>
    /// <returns>What was loaded and what was left.</returns>
    /// <exception cref="ArgumentException">The method has no place for any of what is wanted.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another model, or has nothing of what is wanted; missing and
    /// unexpected tensors are listed.</exception>
    public static LoadedWeights LoadWeights(this ContrastiveMethod method, string path, WeightParts parts = WeightParts.All)
    {
        ArgumentNullException.ThrowIfNull(method);
        KeyQueue? queue = (method as MomentumContrast)?.Queue;
        WeightParts places = WeightParts.Encoder | (method.OtherEncoder is null ? WeightParts.None : WeightParts.KeyEncoder)
            | (queue is null ? WeightParts.None : WeightParts.Queue);
        if ((parts & places) == WeightParts.None)
            throw new ArgumentException(
                $"parts is {parts}; expected some of {places}, which a {method.GetType().Name} has.", nameof(parts));
        using WeightFile file = WeightFile.OpenKnown(path);
        if ((parts & places & file.Parts) == WeightParts.None)
            throw new InvalidDataException($"{path} (layout {file.Layout}) has none of {parts}; it has {file.Parts}.");
        parts &= places & file.Parts;
        bool keys = parts.HasFlag(WeightParts.KeyEncoder);
        WeightLoad load = new WeightLoad(file, parts).Query(method.QueryEncoder);
        if (keys) load.Key(method.OtherEncoder!);
        if (parts.HasFlag(WeightParts.Queue)) load.Queue(queue!);
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
    /// <param name="optimizer">The optimizer's learning rate at that time, momentum and weight decay; null, or of another optimizer than
    /// SGD: those of <c>main_moco.py</c>.</param>
    /// <exception cref="NotSupportedException">The encoders are others.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveOfficial(this MomentumContrast method, string path, int epoch = 0, OptimizationOptions? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OfficialCheckpoint.Write(path, method, epoch, optimizer is { Kind: OptimizerKind.Sgd } ? optimizer : new OptimizationOptions());
    }

    /// <summary>Writes the checkpoint of MoCo v3's official code as <c>{epoch, arch, state_dict}</c> with the keys of
    /// <c>DistributedDataParallel(MoCo_ResNet(…))</c> or <c>(MoCo_ViT(…))</c>: <c>module.base_encoder.*</c>,
    /// <c>module.momentum_encoder.*</c>, <c>module.predictor.*</c>. Its <c>main_lincls.py --pretrained</c> loads it. Atomic.</summary>
    /// <param name="method">The method; its encoders are a <see cref="ResNet"/>, a <see cref="Backbone.ViTSmall"/> or a
    /// <see cref="Backbone.ViTBase"/> with a <see cref="HeadKind.BatchNormMlp"/>, and its predictor is such a head too.</param>
    /// <param name="path">The file to make or replace: <c>checkpoint_0299.pth.tar</c>.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <exception cref="NotSupportedException">The networks are others.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveOfficial(this MoCoV3 method, string path, int epoch = 0)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OfficialCheckpoint.Write(path, method, epoch);
    }

    /// <summary>Gives the key encoder what the query encoder took over from a file that has no key encoder.</summary>
    private static void CopyToKeys(ContrastiveMethod method, WeightParts parts)
    {
        using IDisposable _ = no_grad();
        if (method.OtherEncoder?.state_dict() is not { } keys) return;
        foreach ((string name, Tensor value) in method.QueryEncoder.state_dict())
            if (parts.HasFlag(WeightLoad.PartOf(name))) keys[name].copy_(value);
    }
}
