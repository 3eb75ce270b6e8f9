using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Optimization;
using MoCo.Training;
using MoCo.Training.Checkpoints;
using static Samples.CommandLine.Values;

namespace Pretrain.Plans;

/// <summary>Everything that can be set: one table for the command line, the options file, the help and the check of a resumed run. A row
/// has the flag, the kind of its values, what it does, and how it is read from and written into a plan, or the library's options in
/// it.</summary>
internal static class Settings
{
    /// <summary>Under their titles in the help, in the order in which they are applied.</summary>
    public static ImmutableArray<(string Title, ImmutableArray<Setting> Settings)> Groups { get; } =
    [
        ("Data",
        [
            Row("data", FullPaths, "the images: a folder (class folders, train/ and val/, or none), a list of images (.csv, with lines "
                + "of path or path,label), an archive of them (.zip), a folder with the files of the MNIST family or CIFAR's binary ones, "
                + "tar shards such as 'train-{000..146}.tar', or Hugging Face's Parquet files; several times: together, their classes "
                + "merged by name",
                p => p.Data, (p, v) => p with { Data = Text(v) }),
            Row("test", FullPaths, "labelled images for the kNN monitor, as --data; default: the data's own test part, else a part is "
                + "held out",
                p => p.Test, (p, v) => p with { Test = Text(v) }),
            Row("fraction", Above(0, 1) with { Hint = "SHARE" }, DataFlags.FractionHelp,
                p => p.Fraction, (p, v) => p with { Fraction = v }, lasting: true),
            Row("fraction-seed", Whole<long>(), DataFlags.FractionSeedHelp,
                p => p.FractionSeed, (p, v) => p with { FractionSeed = v }, lasting: true),
            Row("hold-out", Whole<int>(0), "where there are labels and no test part, keep every n-th image of a class from training for "
                + "the monitor; 0: none",
                p => p.HoldOut, (p, v) => p with { HoldOut = v == 1 ? throw new FormatException("0, or 2 and more") : v }, lasting: true),
            Row("labels", Choice<LabelKind>(), "whether a folder's first folders are classes",
                p => p.Labels switch { null => LabelKind.Auto, true => LabelKind.FirstFolder, false => LabelKind.None },
                (p, v) => p with { Labels = v == LabelKind.Auto ? null : v == LabelKind.FirstFolder }),
            Row("extensions", DataFlags.Endings, DataFlags.ExtensionsHelp + "; default: those of the usual formats",
                p => p.Extensions, (p, v) => p with { Extensions = v }),
            Row("label-extensions", DataFlags.Endings, DataFlags.LabelExtensionsHelp + "; default: .cls,.json",
                p => p.LabelExtensions, (p, v) => p with { LabelExtensions = v }),
            Row("label-column", Word("NAME"), DataFlags.LabelColumnHelp + "; default: as the files say or its name",
                p => p.LabelColumn, (p, v) => p with { LabelColumn = v }),
            Row("decode-scale", Choice<DecodeScale>(), DataFlags.DecodeScaleHelp,
                p => p.DecodeSmaller ? DecodeScale.Auto : DecodeScale.Full,
                (p, v) => p with { DecodeSmaller = v == DecodeScale.Auto }),
            Row("max-errors", Number(0, 1) with { Hint = "SHARE" }, DataFlags.MostErrorsHelp,
                p => p.MaximumErrorShare, (p, v) => p with { MaximumErrorShare = v }),
        ]),
        ("Views",
        [
            Row("views", Choice<ViewKind>(), "augmentation; default: the preset's, grey for images of one channel",
                p => p.Views, (p, v) => p with { Views = v }, lasting: true),
            Row("key-views", Choice<ViewKind>(), "augmentation of the second view, the key's, where it is another than the first's; "
                + "default: as --views, of which v3 has two",
                p => p.KeyViews, (p, v) => p with { KeyViews = v }, lasting: true),
            Row("view-size", Whole<int>(8, 1024), "width and height of a view; default: 224, with cifar 32, for the MNIST family 28",
                p => p.ViewSize, (p, v) => p with { ViewSize = v }, lasting: true),
            Row("small-views", Whole<int>(0, 64), "small views of each image as further queries of its key, made as the first view but for "
                + "the crop (multi-crop); SwAV has 6, and --min-area 0.14; 0: none",
                p => p.SmallViews, (p, v) => p with { SmallViews = v }, lasting: true),
            Row("small-size", Whole<int>(8, 1024), "width and height of a small view; default: " + SmallCrops.SizeHelp,
                p => p.SmallSize, (p, v) => p with { SmallSize = v }, lasting: true),
            Row("small-scale", Shares, "smallest and largest part of an image that a small view shows; default: " + SmallCrops.ScaleHelp,
                p => p.SmallScale, (p, v) => p with { SmallScale = v }, lasting: true),
            Row("min-area", Number(1e-4, 1) with { Hint = "SHARE" },
                "smallest part of an image that a crop keeps, above 0 to 1; default: 0.2, with cifar and v3-vit 0.08",
                p => p.MinimumArea, (p, v) => p with { MinimumArea = v }),
            Row("flip", Number(0, 1) with { Hint = "SHARE" }, "how often a view is mirrored, 0 to 1; 0 for images whose sides matter, "
                + "such as digits; default: 0.5",
                p => p.FlipProbability, (p, v) => p with { FlipProbability = v }),
        ]),
        ("Encoder and method",
        [
            Library("method", Choice<MethodKind>() with { Hint = "NAME" }, "what learns from the two views: moco, or one of its relatives "
                + $"{Choice<MethodKind>().Hint.Replace("moco|", "").Replace("|", ", ")}; mocov3 with --preset v3 or v3-vit",
                o => o.Method, (o, v) => o with { Method = v }, lasting: true),
            Library("arch", Architecture, $"architecture: {string.Join(", ", Backbone.All.Select(Text))}",
                o => o.Encoder.Backbone, (o, v) => o with { Encoder = o.Encoder with { Backbone = v } }, lasting: true),
            Library("stem", Choice<Stem>(), "first layers: for images of about 224 pixels, or up to about 64",
                o => o.Encoder.Stem, (o, v) => o with { Encoder = o.Encoder with { Stem = v } }, lasting: true),
            Library("channels", Whole<int>() with { Hint = "1|3" }, "channels of the images; default: what the data has",
                o => o.Encoder.InputChannels, (o, v) => o with { Encoder = o.Encoder with { InputChannels = v } }, lasting: true),
            Library("width", Number() with { Hint = "FACTOR" }, "factor on the encoder's widths, 0.0625 to 8",
                o => o.Encoder.Width, (o, v) => o with { Encoder = o.Encoder with { Width = v } }, lasting: true),
            Library("head", Choice<HeadKind>(), "projection head: v1's, v2's, v3's, or none: the first --dim features (DirectCLR)",
                o => o.Encoder.Head, (o, v) => o with { Encoder = o.Encoder with { Head = v } }, lasting: true),
            Library("dim", Whole<int>(), "length of an embedding",
                o => o.Encoder.EmbeddingDimension, (o, v) => o with { Encoder = o.Encoder with { EmbeddingDimension = v } }, lasting: true),
            Library("hidden-dim", Whole<int>(), "width inside --head batchnormmlp and the predictor of --method mocov3",
                o => o.Encoder.HiddenDimension, (o, v) => o with { Encoder = o.Encoder with { HiddenDimension = v } }, lasting: true),
            Library("queue", Whole<int>() with { Hint = "K" }, "negative keys; fewer than there are images",
                o => o.Queue.Length, (o, v) => o with { Queue = o.Queue with { Length = v } }, lasting: true),
            Library("key-momentum", Number() with { Hint = "M" }, "m of the momentum update, 0 to 1",
                o => o.KeyEncoder.Momentum, (o, v) => o with { KeyEncoder = o.KeyEncoder with { Momentum = v } }),
            Library("final-key-momentum", OrNone(Number()), "m at the end of the run, which it approaches along half a cosine; none: it "
                + "stays, with --method mocov3 it rises to 1",
                o => o.KeyEncoder.FinalMomentum, (o, v) => o with { KeyEncoder = o.KeyEncoder with { FinalMomentum = v } }),
            Library("key-sharing", Choice<KeyEncoderSharing>(), "whether query and key encoder are two networks, one, or share stages",
                o => o.KeyEncoder.Sharing, (o, v) => o with { KeyEncoder = o.KeyEncoder with { Sharing = v } }, lasting: true),
            Library("shared-stages", Whole<int>(0, 4), "the first stages that they share, 1 to 4, with --key-sharing partial",
                o => o.KeyEncoder.SharedStages, (o, v) => o with { KeyEncoder = o.KeyEncoder with { SharedStages = v } }, lasting: true),
            Library(LeaveOut, Choice<KeyExclusion>(), "keys that are no negatives of a query: those of its own image, or (by labels, to "
                + "measure what false negatives cost) of its class; default: ownimage where the queue is not shorter than the data",
                o => o.Queue.LeaveOut, (o, v) => o with { Queue = o.Queue with { LeaveOut = v } }, lasting: true),
            Library("mix", Mix, "MoCHi: N hardest keys of a query make s mixes of two and S with the query, such as 1024,512,256",
                o => o.Loss.Mixing is { } m ? (int[]?)[m.Hardest, m.Pairs, m.WithQuery] : null, (o, v) => o with
                {
                    Loss = o.Loss with
                    {
                        Mixing = v is null ? null
                            : (o.Loss.Mixing ?? new()) with { Hardest = v[0], Pairs = v[1], WithQuery = v[2] },
                    },
                }, property: "o.Loss.Mixing"),
            Library("mix-from", Whole<int>(0), "the epoch, from 0, in which --mix begins; default: 15",
                o => o.Loss.Mixing?.FromEpoch, (o, v) => o with
                {
                    Loss = o.Loss with
                    {
                        Mixing = (o.Loss.Mixing ?? throw new FormatException("nothing without --mix")) with { FromEpoch = v },
                    },
                }, property: "o.Loss.Mixing"),
            Library("bank-negatives", Whole<int>(1), "rows of the memory bank that a step draws, with --method memorybank",
                o => o.MemoryBank.Negatives, (o, v) => o with { MemoryBank = o.MemoryBank with { Negatives = v } }),
            Library("bank-momentum", Number() with { Hint = "M" }, "what a row of the memory bank keeps of itself, 0 to below 1",
                o => o.MemoryBank.Momentum, (o, v) => o with { MemoryBank = o.MemoryBank with { Momentum = v } }),
            Library("bank-loss", Choice<MemoryBankLoss>(), "InfoNCE, as MoCo compares it, or noise contrast, as its authors",
                o => o.MemoryBank.Loss, (o, v) => o with { MemoryBank = o.MemoryBank with { Loss = v } }, lasting: true),
            Library("clusters", Whole<int>(), "clusters, with --method contrastiveclustering",
                o => o.Clustering.Clusters, (o, v) => o with { Clustering = o.Clustering with { Clusters = v } }, lasting: true),
            Library("cluster-temperature", Number() with { Hint = "T" }, "τ over clusters",
                o => o.Clustering.Temperature, (o, v) => o with { Clustering = o.Clustering with { Temperature = v } }),
            Library("temperature", Number() with { Hint = "T" }, "τ of InfoNCE",
                o => o.Loss.Temperature, (o, v) => o with { Loss = o.Loss with { Temperature = v } }),
            Library("symmetric", Choice<SymmetricLoss>(), "let both views be queries, and add or average their losses",
                o => o.Loss.Symmetric, (o, v) => o with { Loss = o.Loss with { Symmetric = v } }),
            Library("bn-splits", Whole<int>(), "groups of a batch that BatchNorm sees apart, for the paper's GPUs; 1: none",
                o => o.Encoder.BatchNormSplits, (o, v) => o with { Encoder = o.Encoder with { BatchNormSplits = v } }, lasting: true),
            Library("shuffle-keys", Switch, "shuffle the key batch before the key encoder",
                o => o.KeyEncoder.ShuffleBatch, (o, v) => o with { KeyEncoder = o.KeyEncoder with { ShuffleBatch = v } }),
            Library("track-queue", Switch, "keep image and step beside each key, for diagnostics",
                o => o.Queue.TrackSlots, (o, v) => o with { Queue = o.Queue with { TrackSlots = v } }, lasting: true),
            Library("block-logits", OrNone(Whole<long>(0)), "logits that may exist at a time, 1024 or more; none: the device's own measure",
                o => o.Loss.BlockLogits, (o, v) => o with { Loss = o.Loss with { BlockLogits = v } }),
            Library("precision", Choice<Precision>(), "arithmetic of the convolutions; float16 is for GPUs",
                o => o.Precision, (o, v) => o with { Precision = v }),
        ]),
        ("Training",
        [
            Library("epochs", Whole<int>(), "passes over the data, in all; with --duration, the length that the schedule is written for",
                o => o.Epochs, (o, v) => o with { Epochs = v }),
            Library("duration", OrNone(Time),
                "train for this long in all, such as 90m or 8h, and let the schedule follow the time; none: by epochs",
                o => o.Duration, (o, v) => o with { Duration = v }),
            Library("batch-size", Whole<int>(), "images in a batch",
                o => o.BatchSize, (o, v) => o with { BatchSize = v }, lasting: true),
            Library("accumulate", Whole<int>(1), "parts of a batch that are computed one after another for one step, each with its share "
                + "of --bn-splits: the memory of a smaller batch",
                o => o.MicroBatches, (o, v) => o with { MicroBatches = v }),
            Library("gradient-checkpointing", Switch, "keep only what goes into each stage of the backbone and compute the rest again for "
                + "backward: less memory, more time",
                o => o.GradientCheckpointing, (o, v) => o with { GradientCheckpointing = v }),
            Library("drop-last", Switch, "leave out an epoch's last batch if it is not full",
                o => o.DropLastBatch, (o, v) => o with { DropLastBatch = v }, lasting: true),
            Library("lr", Number() with { Hint = "RATE" }, "full learning rate",
                o => o.Optimizer.LearningRate, (o, v) => o with { Optimizer = o.Optimizer with { LearningRate = v } }),
            Library("scale-lr", Switch, "take --lr as that of batch 256 and scale it with the batch",
                o => o.Optimizer.ScaleLearningRate, (o, v) => o with { Optimizer = o.Optimizer with { ScaleLearningRate = v } }),
            Library("optimizer", Choice<OptimizerKind>(), "how gradients become weights",
                o => o.Optimizer.Kind, (o, v) => o with { Optimizer = o.Optimizer with { Kind = v } }, lasting: true),
            Rate("schedule", Choice<ScheduleKind>(), "how the rate falls",
                s => s is CosineSchedule ? ScheduleKind.Cosine : ScheduleKind.Step, OfKind),
            Rate("milestones", Wholes, "epochs at which the rate falls, with --schedule step",
                s => (s as StepSchedule)?.Milestones, (s, v) => Step(s) with { Milestones = v }),
            Rate("decay", Number() with { Hint = "FACTOR" }, "by what the rate is multiplied there, above 0 to 1",
                s => (s as StepSchedule)?.Decay, (s, v) => Step(s) with { Decay = v }),
            Rate("warmup-epochs", Number() with { Hint = "N" }, "epochs over which the rate rises at first, such as 0.5",
                s => s.WarmupEpochs, (s, v) => s with { WarmupEpochs = v }),
            Rate("cosine-after-warmup", Switch, "let the cosine begin where the warm-up ends, as MoCo v3 does, not with the run",
                s => (s as CosineSchedule)?.AfterWarmup, (s, v) => s is CosineSchedule cosine ? cosine with { AfterWarmup = v }
                    : throw new FormatException("nothing, since the schedule is step; give --schedule cosine too")),
            Rate("per-step", Switch, "let the rate follow every step, not every epoch",
                s => s.PerStep, (s, v) => s with { PerStep = v }),
            Library("sgd-momentum", Number() with { Hint = "M" }, "momentum of SGD and LARS, β1 of AdamW, 0 to below 1",
                o => o.Optimizer.Momentum, (o, v) => o with { Optimizer = o.Optimizer with { Momentum = v } }),
            Library("beta2", Number() with { Hint = "M" }, "β2 of AdamW, 0 to below 1",
                o => o.Optimizer.SecondMomentum, (o, v) => o with { Optimizer = o.Optimizer with { SecondMomentum = v } }),
            Library("adam-epsilon", Number() with { Hint = "X" }, "ε of AdamW",
                o => o.Optimizer.Epsilon, (o, v) => o with { Optimizer = o.Optimizer with { Epsilon = v } }),
            Library("trust", Number() with { Hint = "FACTOR" }, "trust coefficient of LARS",
                o => o.Optimizer.TrustCoefficient, (o, v) => o with { Optimizer = o.Optimizer with { TrustCoefficient = v } }),
            Library("nesterov", Switch, "Nesterov's form of SGD's momentum",
                o => o.Optimizer.Nesterov, (o, v) => o with { Optimizer = o.Optimizer with { Nesterov = v } }),
            Library("weight-decay", Number() with { Hint = "RATE" }, "weight decay",
                o => o.Optimizer.WeightDecay, (o, v) => o with { Optimizer = o.Optimizer with { WeightDecay = v } }),
            Library("final-weight-decay", OrNone(Number()), "weight decay at the end of the run, which it approaches along half a cosine; "
                + "none: it stays",
                o => o.Optimizer.FinalWeightDecay, (o, v) => o with { Optimizer = o.Optimizer with { FinalWeightDecay = v } }),
            Library("clip-norm", OrNone(Number()), "L2 norm over all gradients to which larger ones are scaled down; none: no limit",
                o => o.Optimizer.ClipNorm, (o, v) => o with { Optimizer = o.Optimizer with { ClipNorm = v } }),
            Library("decay-all", Switch, "decay BatchNorm's parameters and biases too, as the paper does",
                o => o.Optimizer.DecayAll, (o, v) => o with { Optimizer = o.Optimizer with { DecayAll = v } }),
            Library("on-nan", Choice<NonFiniteLoss>(), "what becomes of a step whose loss or gradients are not finite: the run stops, or "
                + "leaves the step out",
                o => o.OnNonFinite, (o, v) => o with { OnNonFinite = v }),
            Library("nan-limit", Whole<int>(1), "steps in a row that --on-nan skip leaves out at most; one more ends the run",
                o => o.MostSkippedSteps, (o, v) => o with { MostSkippedSteps = v }),
            Library("seed", Whole<long>(), "seed of weights, order, views and shuffling",
                o => o.Seed, (o, v) => o with { Seed = v }, lasting: true),
            Row("init", FullPath with { Hint = "FILE" }, "weights to begin with: .pth, .pth.tar or safetensors of this library, PyTorch, "
                + "torchvision, lightly, solo-learn or mmpretrain, or a run's folder",
                p => p.Init, (p, v) => p with { Init = v }),
        ]),
        ("Machine",
        [
            Row("device", Devices.Name, "where to train; cuda:1 for the second GPU",
                p => p.Device, (p, v) => p with { Device = v }),
            Row("threads", Whole<int>(1, 1024), "threads that compute; default: all processors",
                p => p.Threads, (p, v) => p with { Threads = v }) with { IsOfProcessors = true },
            Row("workers", Whole<int>(1, 1024), "threads that load images; default: all processors but one",
                p => p.Workers, (p, v) => p with { Workers = v }) with { IsOfProcessors = true },
            Row("prefetch", Whole<int>(1, 1024), "batches made ahead",
                p => p.Prefetch, (p, v) => p with { Prefetch = v }),
        ]),
        ("Saving and watching",
        [
            Row("knn-every", Whole<int>(0), "epochs between two looks at kNN accuracy, where there are labels; 0: never",
                p => p.KnnEvery, (p, v) => p with { KnnEvery = v }),
            Library("online-probe", Switch, "train a linear classifier beside the run, from its images' labels and features, to see what "
                + "these are worth: its accuracy on the batches, and at each look of --knn-every on the images asked about there",
                o => o.Probe is not null, (o, v) => o with { Probe = v ? o.Probe ?? new() : null }, property: ".Probe"),
            Row("knn-neighbours", Whole<int>(1), "neighbours that vote, at most; half a class where classes are small",
                p => p.KnnNeighbours, (p, v) => p with { KnnNeighbours = v }),
            Saving("save-every", Whole<int>(1), "epochs between two checkpoints",
                s => s.EveryEpochs, (s, v) => s with { EveryEpochs = v }),
            Saving("save-every-steps", OrNone(Whole<int>(1)), "save also every so many steps, for epochs of hours",
                s => s.EverySteps, (s, v) => s with { EverySteps = v }),
            Saving("keep-every", Whole<int>(0), "keep a checkpoint of every n-th epoch beside the last one; 0: only the last",
                s => s.KeepEveryEpochs, (s, v) => s with { KeepEveryEpochs = v }),
            Saving("keep-at-most", OrNone(Whole<int>(1)), "kept checkpoints, the oldest go first",
                s => s.KeepAtMost, (s, v) => s with { KeepAtMost = v }),
            Saving("go-on-after-error", Switch, "train on where a file of the run can't be written (a full disk); what waits is written "
                + "when there is space",
                s => s.GoOnAfterError, (s, v) => s with { GoOnAfterError = v }),
            Row("log-every", Whole<int>(1, 4096), "steps between two rows of the metrics",
                p => p.LogEverySteps, (p, v) => p with { LogEverySteps = v }),
            Row("collapse-every-steps", Whole<int>(0), "steps between two looks at collapse: spread, effective rank, alignment and "
                + "uniformity of the embeddings; each epoch's end has one, too; 0: never",
                p => p.CollapseEverySteps, (p, v) => p with { CollapseEverySteps = v }),
        ]),
    ];

    public static ImmutableArray<Setting> All { get; } = [.. Groups.SelectMany(group => group.Settings)];

    /// <summary>Reads flags that all are settings.</summary>
    /// <param name="flags">As on a command line.</param>
    /// <param name="from">The file that has them; may be empty.</param>
    /// <exception cref="UsageException">A value is wrong; the message names the flag.</exception>
    public static ParseResult Parse(IReadOnlyList<string> flags, string from = "")
    {
        RootCommand command = new();
        foreach (Setting setting in All) command.Add(setting.Option);
        ParseResult parsed = command.Parse(flags, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return CommandRun.Errors(parsed).FirstOrDefault() is { } error
            ? throw new UsageException(from.Length > 0 ? $"{from}: {error}" : error) : parsed;
    }

    public static Plan Apply(IEnumerable<(Setting Setting, ParseResult Source)> flags, Plan plan) =>
        flags.Aggregate(plan, (changed, flag) => flag.Setting.Apply(changed, flag.Source));

    /// <summary>A message about options with the flags in the properties' places, and their words in those of the values'
    /// names.</summary>
    public static string InFlags(string message)
    {
        foreach (Setting setting in All)
        {
            if (setting.Property is not { } property || property == ScheduleProperty) continue;
            // Beside a value's name the last name of a property stands alone.
            string last = setting.Words.Count > 0 ? $@"|{property.Split('.')[^1]}(?= [A-Z])" : "";
            message = Regex.Replace(message, $@"(?<![\w.-])(?:{Regex.Escape(property)}\b{last})", setting.Option.Name);
        }
        HashSet<string> words = [.. All.SelectMany(setting => setting.Words)];
        return Regex.Replace(message, @"(?<=(?:\b(?:is|expected|of|or)|--[a-z-]+) |, )(?:null\b|[A-Z]\w+)", found =>
            found.Value == "null" ? "none" : words.Contains(found.Value.ToLowerInvariant()) ? found.Value.ToLowerInvariant() : found.Value);
    }

    /// <summary>The flag for keys that are no negatives.</summary>
    public const string LeaveOut = "leave-out";

    private static ValueKind<int[]?> Mix => new("N,s,S|none", text => text == "none" ? null
        : Wholes.Parse(text) is { Length: 3 } numbers ? numbers
        : throw new FormatException("three whole numbers: the hardest, the mixes of two, the mixes with the query"))
    { Absent = "none" };

    /// <summary>One of the library's networks or, in a program that registers some, of its own.</summary>
    private static ValueKind<Backbone> Architecture => new("NAME", text =>
    {
        string name = Plain(text);
        return Backbone.All.FirstOrDefault(backbone => Plain(backbone.Name) == name)
            ?? throw new FormatException($"one of {string.Join(", ", Backbone.All.Select(Text))}");

        static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
    })
    { Words = [.. Backbone.All.Select(Text)] };

    private const string ScheduleProperty = nameof(MoCoOptions.Schedule);

    private enum LabelKind
    {
        Auto,
        FirstFolder,
        None,
    }

    private enum ScheduleKind
    {
        Step,
        Cosine,
    }

    private static Setting Row<T>(
        string name, ValueKind<T> kind, string help, Func<Plan, object?> get, Func<Plan, T, Plan> set, bool lasting = false)
    {
        Option<Func<Plan, Plan>> option = kind.Option<Func<Plan, Plan>>("--" + name, help, value => plan => set(plan, value));
        return new Setting(option, plan => kind.Text(get(plan))) { IsLasting = lasting, Separator = kind.Separator, Words = kind.Words };
    }

    /// <param name="property">The getter's text, of which what comes after the first dot is the property.</param>
    private static Setting Library<T>(
        string name, ValueKind<T> kind, string help, Func<MoCoOptions, object?> get, Func<MoCoOptions, T, MoCoOptions> set,
        bool lasting = false, [CallerArgumentExpression(nameof(get))] string property = "")
    {
        Setting row = Row(
            name, kind, help, plan => get(plan.Options), (plan, value) => plan with { Options = set(plan.Options, value) }, lasting);
        return row with { Property = property[(property.IndexOf('.') + 1)..] };
    }

    private static Setting Rate<T>(
        string name, ValueKind<T> kind, string help,
        Func<LearningRateSchedule, object?> get, Func<LearningRateSchedule, T, LearningRateSchedule> set) =>
        Library(name, kind, help, options => get(options.Schedule), (options, value) => options with
        {
            Schedule = set(options.Schedule, value),
        }, property: "." + ScheduleProperty);

    private static Setting Saving<T>(
        string name, ValueKind<T> kind, string help,
        Func<CheckpointPolicy, object?> get, Func<CheckpointPolicy, T, CheckpointPolicy> set) =>
        Row(name, kind, help, plan => get(plan.Saving), (plan, value) => plan with { Saving = set(plan.Saving, value) });

    private static LearningRateSchedule OfKind(LearningRateSchedule before, ScheduleKind kind) => (kind, before) switch
    {
        (ScheduleKind.Step, StepSchedule) or (ScheduleKind.Cosine, CosineSchedule) => before,
        (ScheduleKind.Step, _) => new StepSchedule { WarmupEpochs = before.WarmupEpochs, PerStep = before.PerStep },
        _ => new CosineSchedule { WarmupEpochs = before.WarmupEpochs, PerStep = before.PerStep },
    };

    private static StepSchedule Step(LearningRateSchedule schedule) =>
        schedule as StepSchedule ?? throw new FormatException("nothing, since the schedule is cosine; give --schedule step too");
}
