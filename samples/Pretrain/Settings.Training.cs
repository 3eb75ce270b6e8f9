using System.Collections.Immutable;
using MoCo.Optimization;

namespace Pretrain;

/// <content>How it is trained.</content>
internal static partial class Settings
{
    private static ImmutableArray<Setting> Training =>
    [
        Option("Epochs", "epochs", "N", "passes over the data, in all; with --duration, the length that the schedule is written for",
            o => Values.Text(o.Epochs), (o, t) => o with { Epochs = Values.Whole(t) }),
        Option("Duration", "duration", "TIME|none", "train for this long in all, such as 90m or 8h, and let the schedule follow the time; none: by epochs",
            o => o.Duration is { } time ? Values.Text(time) : "none", (o, t) => o with { Duration = Values.TimeOrNone(t) }),
        Option("BatchSize", "batch-size", "N", "images in a batch",
            o => Values.Text(o.BatchSize), (o, t) => o with { BatchSize = Values.Whole(t) }, lasting: true),
        Option("DropLastBatch", "drop-last", "true|false", "leave out an epoch's last batch if it is not full",
            o => Values.Text(o.DropLastBatch), (o, t) => o with { DropLastBatch = Values.Switch(t) }, lasting: true, isSwitch: true),
        Option("LearningRate", "lr", "RATE", "full learning rate",
            o => Values.Text(o.LearningRate), (o, t) => o with { LearningRate = Values.Number(t) }),
        Option("ScaleLearningRate", "scale-lr", "true|false", "take --lr as that of batch 256 and scale it with the batch",
            o => Values.Text(o.ScaleLearningRate), (o, t) => o with { ScaleLearningRate = Values.Switch(t) }, isSwitch: true),
        Option("Schedule", "schedule", "step|cosine", "how the rate falls",
            o => o.Schedule is CosineSchedule ? "cosine" : "step", (o, t) => o with { Schedule = Named(t, o.Schedule) }),
        Option("Schedule", "milestones", "N,N", "epochs at which the rate falls, with --schedule step",
            o => o.Schedule is StepSchedule step ? string.Join(',', step.Milestones) : null, (o, t) => o with { Schedule = Step(o.Schedule) with { Milestones = Values.Wholes(t) } }),
        Option("Schedule", "decay", "FACTOR", "by what the rate is multiplied there, above 0 to 1",
            o => o.Schedule is StepSchedule step ? Values.Text(step.Decay) : null, (o, t) => o with { Schedule = Step(o.Schedule) with { Decay = Values.Number(t) } }),
        Option("Schedule", "warmup-epochs", "N", "epochs over which the rate rises at first, such as 0.5",
            o => Values.Text(o.Schedule.WarmupEpochs), (o, t) => o with { Schedule = o.Schedule with { WarmupEpochs = Values.Number(t) } }),
        Option("Schedule", "per-step", "true|false", "let the rate follow every step, not every epoch",
            o => Values.Text(o.Schedule.PerStep), (o, t) => o with { Schedule = o.Schedule with { PerStep = Values.Switch(t) } }, isSwitch: true),
        Option("SgdMomentum", "sgd-momentum", "M", "momentum of SGD, 0 to below 1",
            o => Values.Text(o.SgdMomentum), (o, t) => o with { SgdMomentum = Values.Number(t) }),
        Option("Nesterov", "nesterov", "true|false", "Nesterov's form of it",
            o => Values.Text(o.Nesterov), (o, t) => o with { Nesterov = Values.Switch(t) }, isSwitch: true),
        Option("WeightDecay", "weight-decay", "RATE", "weight decay",
            o => Values.Text(o.WeightDecay), (o, t) => o with { WeightDecay = Values.Number(t) }),
        Option("DecayAll", "decay-all", "true|false", "decay BatchNorm's parameters and biases too, as the paper does",
            o => Values.Text(o.DecayAll), (o, t) => o with { DecayAll = Values.Switch(t) }, isSwitch: true),
        Option("Seed", "seed", "N", "seed of weights, order, views and shuffling",
            o => Values.Text(o.Seed), (o, t) => o with { Seed = Values.Whole(t) }, lasting: true),
        new("init", "FILE", "weights to begin with: .pth, .pth.tar or safetensors of this library, PyTorch, torchvision, lightly, solo-learn or mmpretrain",
            p => p.Init, (p, t) => p with { Init = Full(t) }),
    ];

    private static LearningRateSchedule Named(string name, LearningRateSchedule before) => (name, before) switch
    {
        ("step", StepSchedule) or ("cosine", CosineSchedule) => before,
        ("step", _) => new StepSchedule { WarmupEpochs = before.WarmupEpochs, PerStep = before.PerStep },
        ("cosine", _) => new CosineSchedule { WarmupEpochs = before.WarmupEpochs, PerStep = before.PerStep },
        _ => throw new FormatException("step or cosine"),
    };

    private static StepSchedule Step(LearningRateSchedule schedule) =>
        schedule as StepSchedule ?? throw new FormatException("nothing, since the schedule is cosine; give --schedule step too");
}
