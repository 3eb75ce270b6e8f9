namespace MoCo.Benchmarks.Measuring;

/// <summary>The names of what can be timed, the same on our side and in pytorch/step.py.</summary>
internal static class Part
{
    public const string Step = "step";
    public const string ForwardBackward = "forward_backward";
    public const string InfoNce = "info_nce";
    public const string MomentumUpdate = "momentum_update";
    public const string Sgd = "sgd";
    public const string Enqueue = "enqueue";

    /// <summary>Of ours alone: pairs of views a second.</summary>
    public const string LoaderOneWorker = "loader_1_worker";

    /// <inheritdoc cref="LoaderOneWorker"/>
    public const string LoaderTwoWorkers = "loader_2_workers";

    public static IReadOnlyList<string> All { get; } =
        [Step, ForwardBackward, InfoNce, MomentumUpdate, Sgd, Enqueue, LoaderOneWorker, LoaderTwoWorkers];

    /// <summary>A part's share of the seconds of its job, relative to the others' there.</summary>
    public static double Weight(string part) => part switch
    {
        InfoNce => 0.14,
        MomentumUpdate or Sgd => 0.06,
        Enqueue => 0.04,
        _ => 0.35,
    };
}
