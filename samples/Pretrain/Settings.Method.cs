using System.Collections.Immutable;
using MoCo.Contrast;
using MoCo.Encoders;

namespace Pretrain;

/// <content>What is trained: encoder, head, queue, loss.</content>
internal static partial class Settings
{
    private static ImmutableArray<Setting> Method =>
    [
        Option("Backbone", "arch", "NAME", $"architecture: {string.Join(", ", Enum.GetValues<Backbone>().Select(Values.Name))}",
            o => Values.Name(o.Backbone), (o, t) => o with { Backbone = Values.Choice<Backbone>(t) }, lasting: true),
        Option("Stem", "stem", Values.Names<Stem>(), "first layers: for images of about 224 pixels, or up to about 64",
            o => Values.Name(o.Stem), (o, t) => o with { Stem = Values.Choice<Stem>(t) }, lasting: true),
        Option("InputChannels", "channels", "1|3", "channels of the images; default: what the data has",
            o => Values.Text(o.InputChannels), (o, t) => o with { InputChannels = Values.Whole(t) }, lasting: true),
        Option("Width", "width", "FACTOR", "factor on the encoder's widths, 0.0625 to 8",
            o => Values.Text(o.Width), (o, t) => o with { Width = Values.Number(t) }, lasting: true),
        Option("Head", "head", Values.Names<HeadKind>(), "projection head: v1's or v2's",
            o => Values.Name(o.Head), (o, t) => o with { Head = Values.Choice<HeadKind>(t) }, lasting: true),
        Option("EmbeddingDimension", "dim", "N", "length of an embedding",
            o => Values.Text(o.EmbeddingDimension), (o, t) => o with { EmbeddingDimension = Values.Whole(t) }, lasting: true),
        Option("QueueLength", "queue", "K", "negative keys; fewer than there are images",
            o => Values.Text(o.QueueLength), (o, t) => o with { QueueLength = Values.Whole(t) }, lasting: true),
        Option("KeyMomentum", "key-momentum", "M", "m of the momentum update, 0 to 1",
            o => Values.Text(o.KeyMomentum), (o, t) => o with { KeyMomentum = Values.Number(t) }),
        Option("Temperature", "temperature", "T", "τ of InfoNCE",
            o => Values.Text(o.Temperature), (o, t) => o with { Temperature = Values.Number(t) }),
        Option("Symmetric", "symmetric", Values.Names<SymmetricLoss>(), "let both views be queries, and add or average their losses",
            o => Values.Name(o.Symmetric), (o, t) => o with { Symmetric = Values.Choice<SymmetricLoss>(t) }),
        Option("BatchNormSplits", "bn-splits", "N", "groups of a batch that BatchNorm sees apart, for the paper's GPUs; 1: none",
            o => Values.Text(o.BatchNormSplits), (o, t) => o with { BatchNormSplits = Values.Whole(t) }, lasting: true),
        Option("ShuffleKeys", "shuffle-keys", "true|false", "shuffle the key batch before the key encoder",
            o => Values.Text(o.ShuffleKeys), (o, t) => o with { ShuffleKeys = Values.Switch(t) }, isSwitch: true),
        Option("TrackQueue", "track-queue", "true|false", "keep image and step beside each key, for diagnostics",
            o => Values.Text(o.TrackQueue), (o, t) => o with { TrackQueue = Values.Switch(t) }, lasting: true, isSwitch: true),
        Option("BlockLogits", "block-logits", "N|none", "logits that may exist at a time, 1024 or more; none: the device's own measure",
            o => o.BlockLogits is long block ? Values.Text(block) : "none", (o, t) => o with { BlockLogits = Values.LongOrNone(t) }),
        Option("Precision", "precision", Values.Names<Precision>(), "arithmetic of the convolutions",
            o => Values.Name(o.Precision), (o, t) => o with { Precision = Values.Choice<Precision>(t) }),
    ];
}
