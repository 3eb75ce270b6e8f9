using MoCo.Contrast;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>Writes what the official MoCo code and the tools made for its files read.</summary>
public static class OfficialFiles
{
    /// <summary>
    /// Writes the official code's checkpoint: <c>{epoch, arch, state_dict, optimizer}</c> with the keys of
    /// <c>DistributedDataParallel(MoCo(…))</c>. <c>main_lincls.py --pretrained</c> loads it, and <c>main_moco.py --resume</c>
    /// continues from it, with the optimizer's momentum starting at zero. Atomic.
    /// </summary>
    /// <param name="method">The method; its encoders are a <see cref="ResNet"/> with a <see cref="ProjectionHead"/>.</param>
    /// <param name="path">The file to make or replace: <c>checkpoint_0199.pth.tar</c>.</param>
    /// <param name="run">Epoch, architecture, optimizer; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The encoders are others.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveOfficial(this MomentumContrast method, string path, OfficialRun? run = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        run ??= new OfficialRun();
        string architecture = run.Architecture ?? NameOf(method.QueryEncoder);

        using DisposeScope scope = NewDisposeScope();
        var state = new OrderedDictionary<string, object?>();
        Dictionary<string, Tensor> queue = method.Queue.state_dict();
        state.Add("module.queue", queue["queue"]);
        state.Add("module.queue_ptr", queue["queue_ptr"]);
        AddEncoder(state, "module.encoder_q.", method.QueryEncoder);
        AddEncoder(state, "module.encoder_k.", method.KeyEncoder);

        int parameters = method.QueryEncoder.parameters().Count() + method.KeyEncoder.parameters().Count();
        PyTorchWriter.Write(path, new OrderedDictionary<string, object?>
        {
            ["epoch"] = run.Epoch,
            ["arch"] = architecture,
            ["state_dict"] = state,
            ["optimizer"] = new OrderedDictionary<string, object?>
            {
                ["state"] = new Dictionary<object, object?>(),
                ["param_groups"] = new List<object?>
                {
                    new OrderedDictionary<string, object?>
                    {
                        ["lr"] = run.LearningRate,
                        ["momentum"] = run.Momentum,
                        ["dampening"] = 0,
                        ["weight_decay"] = run.WeightDecay,
                        ["nesterov"] = false,
                        ["maximize"] = false,
                        ["foreach"] = null,
                        ["differentiable"] = false,
                        ["params"] = Enumerable.Range(0, parameters).Select(i => (object?)i).ToList(),
                    },
                },
            },
        });
    }

    private static void AddEncoder(OrderedDictionary<string, object?> state, string prefix, Encoder encoder)
    {
        if (encoder.Backbone is not ResNet || encoder.Head is not ProjectionHead head)
            throw new NotSupportedException($"The encoder is a {encoder.Backbone.GetType().Name} with a {encoder.Head.GetType().Name}; the official code has names for a {nameof(ResNet)} with a {nameof(ProjectionHead)} only.");
        foreach ((string name, Tensor tensor) in encoder.Backbone.state_dict()) state.Add(prefix + name, tensor);
        string layers = head.Kind == HeadKind.Linear ? "layers.0." : "layers.";
        foreach ((string name, Tensor tensor) in head.state_dict()) state.Add($"{prefix}fc.{name[layers.Length..]}", tensor);
    }

    private static string NameOf(Encoder encoder) => encoder.Backbone is not ResNet network ? encoder.Backbone.GetType().Name : network.Options.Backbone switch
    {
        Backbone.WideResNet50 => "wide_resnet50_2",
        Backbone.WideResNet101 => "wide_resnet101_2",
        Backbone.ResNet50Wide2 => "resnet50w2",
        Backbone.ResNet50Wide4 => "resnet50w4",
        Backbone other => other.ToString().ToLowerInvariant(),
    };
}
