namespace MoCo.Interop.Layouts;

/// <summary>The names that each library gives its tensors, and how to know them. The more particular come first.</summary>
/// <remarks>Another library's: a member of <see cref="WeightLayout"/>, a line in <see cref="Recognise"/>, its rules below.</remarks>
internal static class KnownLayouts
{
    private static readonly KeyRule[] QueueRules = [new("queue_ptr", KeyPart.QueuePointer), new("queue", KeyPart.Queue)];

    private static readonly KeyRule[] Checkpoint =
    [
        new("method.encoder_q.", KeyPart.Query), new("method.encoder_k.", KeyPart.Key),
        new("method.queue.queue_ptr", KeyPart.QueuePointer), new("method.queue.queue", KeyPart.Queue),
    ];

    private static readonly KeyRule[] Official =
        [.. OfficialEncoder("encoder_q.", KeyPart.Query), .. OfficialEncoder("encoder_k.", KeyPart.Key), .. QueueRules];

    /// <summary>The projector stands in the place of torchvision's <c>fc</c> or, on a vision transformer, of timm's <c>head</c>.</summary>
    private static readonly KeyRule[] OfficialV3 =
    [
        new("base_encoder.fc.", KeyPart.Query, "head.layers."), new("base_encoder.head.", KeyPart.Query, "head.layers."),
        new("base_encoder.", KeyPart.Query, "backbone."),
        new("momentum_encoder.fc.", KeyPart.Key, "head.layers."), new("momentum_encoder.head.", KeyPart.Key, "head.layers."),
        new("momentum_encoder.", KeyPart.Key, "backbone."),
    ];

    private static readonly KeyRule[] Encoder = [new("backbone.", KeyPart.Query, "backbone."), new("head.", KeyPart.Query, "head.")];

    /// <summary>torchvision's names; its classifier has no place in an encoder.</summary>
    private static readonly KeyRule[] Backbone = [new("fc.", KeyPart.Unused), new("", KeyPart.Query, "backbone.")];

    /// <summary>timm's of a vision transformer, and its classifier.</summary>
    private static readonly KeyRule[] Transformer = [new("head.", KeyPart.Unused), new("", KeyPart.Query, "backbone.")];

    /// <summary>torchvision's of a ConvNeXt, whose last normalisation stands in the classifier, before its linear layer.</summary>
    private static readonly KeyRule[] ConvNeXt = [new("classifier.2.", KeyPart.Unused), new("", KeyPart.Query, "backbone.")];

    private static readonly KeyRule[] SoloLearn =
    [
        new("backbone.fc.", KeyPart.Unused), new("encoder.fc.", KeyPart.Unused),
        new("backbone.", KeyPart.Query, "backbone."), new("encoder.", KeyPart.Query, "backbone."),
        new("projector.", KeyPart.Query, "head.layers."),
        new("momentum_backbone.", KeyPart.Key, "backbone."), new("momentum_encoder.", KeyPart.Key, "backbone."),
        new("momentum_projector.", KeyPart.Key, "head.layers."),
        .. QueueRules,
    ];

    /// <summary>mmselfsup has the query encoder twice, as <c>backbone.*</c> and as <c>encoder_q.0.*</c>: once is enough.</summary>
    private static readonly KeyRule[] MMPretrain =
    [
        new("backbone.", KeyPart.Query, "backbone."), .. Neck("neck.", KeyPart.Query),
        new("encoder_k.module.0.", KeyPart.Key, "backbone."), .. Neck("encoder_k.module.1.", KeyPart.Key),
        new("encoder_k.0.", KeyPart.Key, "backbone."), .. Neck("encoder_k.1.", KeyPart.Key),
        .. QueueRules,
    ];

    // Names without what they all begin with.
    public static (WeightLayout Layout, IReadOnlyList<KeyRule> Rules)? Recognise(IReadOnlySet<string> names)
    {
        if (Any("method.encoder_q.")) return (WeightLayout.Checkpoint, Checkpoint);
        if (names.Contains("encoder_q.conv1.weight")) return (WeightLayout.Official, Official);
        if (names.Contains("base_encoder.conv1.weight") || names.Contains("base_encoder.cls_token"))
            return (WeightLayout.OfficialV3, OfficialV3);
        if (names.Contains("backbone.0.weight") && names.Contains("backbone.1.running_mean")) return (WeightLayout.Lightly, Lightly(names));
        bool backbone = names.Contains("backbone.conv1.weight");
        if (backbone && (Any("neck.") || Any("data_preprocessor.") || Any("encoder_k."))) return (WeightLayout.MMPretrain, MMPretrain);
        if (backbone && (Any("projector.") || Any("momentum_backbone.") || Any("classifier.")) || names.Contains("encoder.conv1.weight"))
            return (WeightLayout.SoloLearn, SoloLearn);
        if (backbone || Any("backbone.") && Any("head.")) return (WeightLayout.Encoder, Encoder);
        if (names.Contains("conv1.weight") && names.Contains("bn1.weight")) return (WeightLayout.Backbone, Backbone);
        if (names.Contains("cls_token") && names.Contains("patch_embed.proj.weight")) return (WeightLayout.Backbone, Transformer);
        if (names.Contains("features.1.0.layer_scale")) return (WeightLayout.Backbone, ConvNeXt);
        return null;

        bool Any(string prefix) => names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>The official head stands in the place of torchvision's <c>fc</c>: one layer (v1) or <c>0</c> and <c>2</c> (v2).</summary>
    private static KeyRule[] OfficialEncoder(string encoder, KeyPart part) =>
    [
        new(encoder + "fc.0.", part, "head.layers.0."), new(encoder + "fc.2.", part, "head.layers.2."),
        new(encoder + "fc.", part, "head.layers.0."), new(encoder, part, "backbone."),
    ];

    /// <summary>Lightly's backbones are torchvision's children in a row: the first two numbers are conv1 and bn1, those with blocks layer1
    /// to layer4; ReLU and pooling, which have no tensors, may or may not have numbers between.</summary>
    private static List<KeyRule> Lightly(IReadOnlySet<string> names)
    {
        int[] stages = [.. names.Select(Stage).OfType<int>().Distinct().Order()];
        List<KeyRule> rules = new();
        foreach ((string backbone, string head, KeyPart part) in new[]
        {
            ("backbone.", "projection_head.layers.", KeyPart.Query),
            ("backbone_momentum.", "projection_head_momentum.layers.", KeyPart.Key),
            ("momentum_backbone.", "momentum_projection_head.layers.", KeyPart.Key),
        })
        {
            rules.AddRange([new(backbone + "0.", part, "backbone.conv1."), new(backbone + "1.", part, "backbone.bn1.")]);
            rules.AddRange(stages.Select((stage, i) => new KeyRule($"{backbone}{stage}.", part, $"backbone.layer{i + 1}.")));
            rules.Add(new(head, part, "head.layers."));
        }
        rules.AddRange([new("criterion.memory_bank.bank_ptr", KeyPart.QueuePointer), new("criterion.memory_bank.bank", KeyPart.Queue)]);
        return rules;

        static int? Stage(string name) => name.Split('.') is ["backbone", string number, "0", "conv1", "weight"]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int stage) ? stage : null;
    }

    private static KeyRule[] Neck(string prefix, KeyPart part)
        => [new(prefix + "mlp.", part, "head.layers."), new(prefix + "fc.", part, "head.layers.0.")];
}
