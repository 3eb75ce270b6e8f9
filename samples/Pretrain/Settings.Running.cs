using System.Collections.Immutable;

namespace Pretrain;

/// <content>Where it runs, and what it leaves behind.</content>
internal static partial class Settings
{
    private static ImmutableArray<Setting> Machine =>
    [
        new("device", "cpu|cuda", "where to train; cuda:1 for the second GPU", p => p.Device,
            (p, t) => p with { Device = t == "cpu" || t == "cuda" || t.StartsWith("cuda:", StringComparison.Ordinal) ? t : throw new FormatException("cpu, cuda or cuda:N") }),
        new("threads", "N", "threads that compute; default: all processors",
            p => Values.Text(p.Threads), (p, t) => p with { Threads = Values.Whole(t, 1, 1024) }),
        Option("Workers", "workers", "N", "threads that load images; default: all processors but one",
            o => Values.Text(o.Workers), (o, t) => o with { Workers = Values.Whole(t) }),
        new("prefetch", "N", "batches made ahead",
            p => Values.Text(p.PrefetchBatches), (p, t) => p with { PrefetchBatches = Values.Whole(t, 1, 1024) }),
    ];

    private static ImmutableArray<Setting> Watching =>
    [
        new("knn-every", "N", "epochs between two looks at kNN accuracy, where there are labels; 0: never",
            p => Values.Text(p.KnnEvery), (p, t) => p with { KnnEvery = Values.Whole(t, 0) }),
        new("knn-neighbours", "N", "neighbours that vote, at most; half a class where classes are small",
            p => Values.Text(p.KnnNeighbours), (p, t) => p with { KnnNeighbours = Values.Whole(t, 1) }),
        new("save-every", "N", "epochs between two checkpoints",
            p => Values.Text(p.Saving.EveryEpochs), (p, t) => p with { Saving = p.Saving with { EveryEpochs = Values.Whole(t, 1) } }),
        new("save-every-steps", "N|none", "save also every so many steps, for epochs of hours",
            p => Or(p.Saving.EverySteps), (p, t) => p with { Saving = p.Saving with { EverySteps = Values.WholeOrNone(t, 1) } }),
        new("keep-every", "N", "keep a checkpoint of every n-th epoch beside the last one; 0: only the last",
            p => Values.Text(p.Saving.KeepEveryEpochs), (p, t) => p with { Saving = p.Saving with { KeepEveryEpochs = Values.Whole(t, 0) } }),
        new("keep-at-most", "N|none", "kept checkpoints, the oldest go first",
            p => Or(p.Saving.KeepAtMost), (p, t) => p with { Saving = p.Saving with { KeepAtMost = Values.WholeOrNone(t, 1) } }),
        new("go-on-after-fault", "true|false", "train on where a checkpoint can't be written (a full disk)",
            p => Values.Text(p.Saving.GoOnAfterError), (p, t) => p with { Saving = p.Saving with { GoOnAfterError = Values.Switch(t) } }) { IsSwitch = true },
        Option("LogEverySteps", "log-every", "N", "steps between two rows of the metrics",
            o => Values.Text(o.LogEverySteps), (o, t) => o with { LogEverySteps = Values.Whole(t) }),
    ];

    private static string Or(int? value) => value is int number ? Values.Text(number) : "none";
}
