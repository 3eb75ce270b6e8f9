using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Encoders.Transformers;
using MoCo.Optimization;

namespace MoCo.Interop.PyTorch;

/// <summary>The official codes' checkpoints, see <c>EncoderFiles.SaveOfficial</c>.</summary>
internal static class OfficialCheckpoint
{
    public static void Write(string path, MomentumContrast method, int epoch, OptimizationOptions optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> queue = method.Queue.state_dict();
        OrderedDictionary<string, object?> state = new() { ["module.queue"] = queue["queue"], ["module.queue_ptr"] = queue["queue_ptr"] };
        AddEncoder<ProjectionHead>(state, "module.encoder_q.", method.QueryEncoder);
        AddEncoder<ProjectionHead>(state, "module.encoder_k.", method.KeyEncoder);

        int parameters = method.QueryEncoder.parameters().Count() + method.KeyEncoder.parameters().Count();
        PyTorchWriter.Write(path, new OrderedDictionary<string, object?>
        {
            ["epoch"] = epoch,
            ["arch"] = NameOf(method.QueryEncoder.Options!.Backbone),
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

    public static void Write(string path, MoCoV3 method, int epoch)
    {
        using DisposeScope scope = NewDisposeScope();
        OrderedDictionary<string, object?> state = new();
        AddEncoder<BatchNormMlp>(state, "module.base_encoder.", method.QueryEncoder);
        AddEncoder<BatchNormMlp>(state, "module.momentum_encoder.", method.KeyEncoder);
        if (method.Predictor is not BatchNormMlp predictor)
            throw new NotSupportedException($"The predictor is a {method.Predictor.GetType().Name}; expected a {nameof(BatchNormMlp)}.");
        Add(state, "module.predictor.", predictor, "layers.");
        PyTorchWriter.Write(path, new OrderedDictionary<string, object?>
        {
            ["epoch"] = epoch,
            ["arch"] = NameOf(method.QueryEncoder.Options!.Backbone),
            ["state_dict"] = state,
        });
    }

    /// <summary>An encoder whose head stands in the place of torchvision's <c>fc</c>, of timm's <c>head</c>: one layer, or several by
    /// their numbers.</summary>
    private static void AddEncoder<T>(OrderedDictionary<string, object?> state, string prefix, Encoder encoder) where T : nn.Module
    {
        bool isV3 = typeof(T) == typeof(BatchNormMlp);
        string? classifier = encoder.Backbone switch
        {
            ResNet => "fc.",
            VisionTransformer when isV3 && encoder.Options?.Backbone != Backbone.ViTSmall6Heads => "head.",
            _ => null,
        };
        if (classifier is null || encoder.Head is not T head || encoder.Head is ProjectionHead { Kind: HeadKind.Direct })
        {
            string found = encoder.Head is ProjectionHead { Kind: HeadKind.Direct } ? "head without weights" : encoder.Head.GetType().Name;
            string backbone = encoder.Backbone is ResNet ? nameof(ResNet)
                : encoder.Options?.Backbone.Name ?? encoder.Backbone.GetType().Name;
            string known = isV3 ? $"{nameof(ResNet)}, a {Backbone.ViTSmall} or a {Backbone.ViTBase}" : nameof(ResNet);
            throw new NotSupportedException($"The encoder is a {backbone} with a {found}; "
                + $"the official code has names for a {known} with a {typeof(T).Name} only.");
        }
        foreach ((string name, Tensor tensor) in encoder.Backbone.state_dict()) state.Add(prefix + name, tensor);
        Add(state, prefix + classifier, head, head is ProjectionHead { Kind: HeadKind.Linear } ? "layers.0." : "layers.");
    }

    private static void Add(OrderedDictionary<string, object?> state, string prefix, nn.Module head, string layers)
    {
        foreach ((string name, Tensor tensor) in head.state_dict()) state.Add(prefix + name[layers.Length..], tensor);
    }

    private static string NameOf(Backbone backbone) => backbone.Name switch
    {
        nameof(Backbone.WideResNet50) => "wide_resnet50_2",
        nameof(Backbone.WideResNet101) => "wide_resnet101_2",
        nameof(Backbone.ViTSmall) => "vit_small",
        nameof(Backbone.ViTBase) => "vit_base",
        nameof(Backbone.ResNet50Wide2) => "resnet50w2",
        nameof(Backbone.ResNet50Wide4) => "resnet50w4",
        string other => other.ToLowerInvariant(),
    };
}
