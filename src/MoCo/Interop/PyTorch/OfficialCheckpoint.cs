using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Interop.PyTorch;

/// <summary>The official MoCo code's checkpoint, see <see cref="EncoderFiles.SaveOfficial"/>.</summary>
internal static class OfficialCheckpoint
{
    public static void Write(string path, MomentumContrast method, int epoch, OptimizationOptions optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> queue = method.Queue.state_dict();
        OrderedDictionary<string, object?> state = new() { ["module.queue"] = queue["queue"], ["module.queue_ptr"] = queue["queue_ptr"] };
        AddEncoder(state, "module.encoder_q.", method.QueryEncoder);
        AddEncoder(state, "module.encoder_k.", method.KeyEncoder);

        int parameters = method.QueryEncoder.parameters().Count() + method.KeyEncoder.parameters().Count();
        PyTorchWriter.Write(path, new OrderedDictionary<string, object?>
        {
            ["epoch"] = epoch,
            ["arch"] = NameOf(((ResNet)method.QueryEncoder.Backbone).Options.Backbone),
            ["state_dict"] = state,
            ["optimizer"] = new OrderedDictionary<string, object?>
            {
                ["state"] = new Dictionary<object, object?>(),
                ["param_groups"] = new List<object?>
                {
                    new OrderedDictionary<string, object?>
                    {
                        ["lr"] = optimizer.LearningRate,
                        ["momentum"] = optimizer.Momentum,
                        ["dampening"] = 0,
                        ["weight_decay"] = optimizer.WeightDecay,
                        ["nesterov"] = optimizer.Nesterov,
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
        if (encoder.Backbone is not ResNet || encoder.Head is not ProjectionHead { Kind: not HeadKind.Direct } head)
        {
            string found = encoder.Head is ProjectionHead ? "head without weights" : encoder.Head.GetType().Name;
            throw new NotSupportedException($"The encoder is a {encoder.Backbone.GetType().Name} with a {found}; "
                + $"the official code has names for a {nameof(ResNet)} with a {nameof(ProjectionHead)} of one or two layers only.");
        }
        foreach ((string name, Tensor tensor) in encoder.Backbone.state_dict()) state.Add(prefix + name, tensor);
        string layers = head.Kind == HeadKind.Linear ? "layers.0." : "layers.";
        foreach ((string name, Tensor tensor) in head.state_dict()) state.Add($"{prefix}fc.{name[layers.Length..]}", tensor);
    }

    private static string NameOf(Backbone backbone) => backbone switch
    {
        Backbone.WideResNet50 => "wide_resnet50_2",
        Backbone.WideResNet101 => "wide_resnet101_2",
        Backbone.ResNet50Wide2 => "resnet50w2",
        Backbone.ResNet50Wide4 => "resnet50w4",
        Backbone other => other.ToString().ToLowerInvariant(),
    };
}
