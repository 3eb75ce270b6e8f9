using System.Collections.Immutable;
using MoCo.Contrast;
using MoCo.Encoders;

namespace Pretrain;

/// <content>What is trained: encoder, head, queue, loss.</content>
internal static partial class Settings
{
    private static ImmutableArray<Setting> Method =>
    [
        Option("Encoder.Backbone", "arch", "NAME", $"architecture: {string.Join(", ", Enum.GetValues<Backbone>().Select(Values.Name))}",
            o => Values.Name(o.Encoder.Backbone), (o, t) => o with { Encoder = o.Encoder with { Backbone = Values.Choice<Backbone>(t) } }, lasting: true),
        Option("Encoder.Stem", "stem", Values.Names<Stem>(), "first layers: for images of about 224 pixels, or up to about 64",
            o => Values.Name(o.Encoder.Stem), (o, t) => o with { Encoder = o.Encoder with { Stem = Values.Choice<Stem>(t) } }, lasting: true),
        Option("Encoder.InputChannels", "channels", "1|3", "channels of the images; default: what the data has",
            o => Values.Text(o.Encoder.InputChannels), (o, t) => o with { Encoder = o.Encoder with { InputChannels = Values.Whole(t) } }, lasting: true),
        Option("Encoder.Width", "width", "FACTOR", "factor on the encoder's widths, 0.0625 to 8",
            o => Values.Text(o.Encoder.Width), (o, t) => o with { Encoder = o.Encoder with { Width = Values.Number(t) } }, lasting: true),
        Option("Encoder.Head", "head", Values.Names<HeadKind>(), "projection head: v1's or v2's",
            o => Values.Name(o.Encoder.Head), (o, t) => o with { Encoder = o.Encoder with { Head = Values.Choice<HeadKind>(t) } }, lasting: true),
        Option("Encoder.EmbeddingDimension", "dim", "N", "length of an embedding",
            o => Values.Text(o.Encoder.EmbeddingDimension), (o, t) => o with { Encoder = o.Encoder with { EmbeddingDimension = Values.Whole(t) } }, lasting: true),
        Option("Queue.Length", "queue", "K", "negative keys; fewer than there are images",
            o => Values.Text(o.Queue.Length), (o, t) => o with { Queue = o.Queue with { Length = Values.Whole(t) } }, lasting: true),
        Option("KeyEncoder.Momentum", "key-momentum", "M", "m of the momentum update, 0 to 1",
            o => Values.Text(o.KeyEncoder.Momentum), (o, t) => o with { KeyEncoder = o.KeyEncoder with { Momentum = Values.Number(t) } }),
        Option("Loss.Temperature", "temperature", "T", "τ of InfoNCE",
            o => Values.Text(o.Loss.Temperature), (o, t) => o with { Loss = o.Loss with { Temperature = Values.Number(t) } }),
        Option("Loss.Symmetric", "symmetric", Values.Names<SymmetricLoss>(), "let both views be queries, and add or average their losses",
            o => Values.Name(o.Loss.Symmetric), (o, t) => o with { Loss = o.Loss with { Symmetric = Values.Choice<SymmetricLoss>(t) } }),
        Option("Encoder.BatchNormSplits", "bn-splits", "N", "groups of a batch that BatchNorm sees apart, for the paper's GPUs; 1: none",
            o => Values.Text(o.Encoder.BatchNormSplits), (o, t) => o with { Encoder = o.Encoder with { BatchNormSplits = Values.Whole(t) } }, lasting: true),
        Option("KeyEncoder.ShuffleBatch", "shuffle-keys", "true|false", "shuffle the key batch before the key encoder",
            o => Values.Text(o.KeyEncoder.ShuffleBatch), (o, t) => o with { KeyEncoder = o.KeyEncoder with { ShuffleBatch = Values.Switch(t) } }, isSwitch: true),
        Option("Queue.TrackSlots", "track-queue", "true|false", "keep image and step beside each key, for diagnostics",
            o => Values.Text(o.Queue.TrackSlots), (o, t) => o with { Queue = o.Queue with { TrackSlots = Values.Switch(t) } }, lasting: true, isSwitch: true),
        Option("Loss.BlockLogits", "block-logits", "N|none", "logits that may exist at a time, 1024 or more; none: the device's own measure",
            o => o.Loss.BlockLogits is long block ? Values.Text(block) : "none", (o, t) => o with { Loss = o.Loss with { BlockLogits = Values.LongOrNone(t) } }),
        Option("Precision", "precision", Values.Names<Precision>(), "arithmetic of the convolutions",
            o => Values.Name(o.Precision), (o, t) => o with { Precision = Values.Choice<Precision>(t) }),
    ];
}
