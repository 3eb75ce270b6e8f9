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
    /// <returns>Whose names the file has, what was loaded, and the tensors that have no place here: a classifier, an optimizer, parts that
    /// were not asked for.</returns>
    /// <exception cref="ArgumentException">The method has no place for any of what is wanted.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another model, or has nothing of what is wanted; missing and
    /// unexpected tensors are listed.</exception>
    public static (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) LoadWeights(
        this ContrastiveMethod method, string path, WeightParts parts = WeightParts.All)
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
        (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused) loaded = load.Finish();
        if (!keys) CopyToKeys(method, parts);
        method.AfterLoading();
        return loaded;
    }

    /// <summary>Writes the official code's checkpoint, of MoCo or of MoCo v3, atomically.</summary>
    /// <remarks>Of a <see cref="MomentumContrast"/>, whose encoders are a <see cref="ResNet"/> with a <see cref="ProjectionHead"/>:
    /// <c>{epoch, arch, state_dict, optimizer}</c> with the keys of <c>DistributedDataParallel(MoCo(…))</c>. <c>main_lincls.py
    /// --pretrained</c> loads it, and <c>main_moco.py --resume</c> continues from it, with the optimizer's momentum starting at zero. Of
    /// <see cref="MethodKind.MoCoV3"/>, whose encoders are a <see cref="ResNet"/>, a <see cref="Backbone.ViTSmall"/> or a
    /// <see cref="Backbone.ViTBase"/> with a <see cref="HeadKind.BatchNormMlp"/>: <c>{epoch, arch, state_dict}</c> with the keys of
    /// <c>DistributedDataParallel(MoCo_ResNet(…))</c> or <c>(MoCo_ViT(…))</c>, <c>module.base_encoder.*</c>,
    /// <c>module.momentum_encoder.*</c>, <c>module.predictor.*</c>; its <c>main_lincls.py --pretrained</c> loads it.</remarks>
    /// <param name="method">The method.</param>
    /// <param name="path">The file to make or replace: <c>checkpoint_0199.pth.tar</c>.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="optimizer">Of MoCo, the optimizer's learning rate at that time, momentum and weight decay; null, or of another
    /// optimizer than SGD: those of <c>main_moco.py</c>.</param>
    /// <exception cref="NotSupportedException">The method or its networks are others.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveOfficial(
        this ContrastiveMethod method, string path, int epoch = 0, OptimizationOptions? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (method is MomentumContrast moco)
            OfficialCheckpoint.Write(path, moco, epoch, optimizer is { Kind: OptimizerKind.Sgd } ? optimizer : new OptimizationOptions());
        else if (method is MoCoV3 v3) OfficialCheckpoint.Write(path, v3, epoch);
        else throw new NotSupportedException($"The method is {method.GetName()}; the official codes have names for MoCo and MoCo v3 only.");
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
