using MoCo.Benchmarks.Scaling;
using static System.FormattableString;

namespace MoCo.Benchmarks.Reporting;

/// <summary>What ranks do here and what is to be expected of many, for people.</summary>
internal static class ScaleTable
{
    private const double Good = 0.15, Much = 0.10;

    /// <summary>Steps as they were and as the model has them.</summary>
    public static void PrintSteps(ScaleResults results, StepTraffic traffic, Action<string[], IEnumerable<string[]>> print)
    {
        MachineModel one = results.FromOne, full = results.FromFullCores;
        print(
            ["ranks", "step measured", "each by itself: slowest", "mean", "from one rank: step", "error",
                Invariant($"from {full.MeasuredRanks} apart: step"), "error", "within 15 %"],
            results.Joined.Select(ranks =>
            {
                double measured = results[ranks, RankMeasurement.Together];
                double[] forecasts = [.. new[] { one, full }.Select(model => model.Step(ranks, traffic.Calls(), results.Times(ranks)))];
                double[] errors = [.. forecasts.Select(forecast => forecast / measured - 1)];
                return new string[]
                {
                    Invariant($"{ranks}"), Milliseconds(measured), Milliseconds(results[ranks, RankMeasurement.Apart]),
                    Milliseconds(results[ranks, RankMeasurement.ApartMean]), Milliseconds(forecasts[0]), Signed(errors[0]),
                    Milliseconds(forecasts[1]), Signed(errors[1]),
                    string.Join(", ", errors.Select(error => Math.Abs(error) <= Good ? "yes" : "no")),
                };
            }).Prepend(["1", Milliseconds(one.Compute), "", "", "", "", "", "", ""]));
    }

    /// <summary>How long each collective takes by itself.</summary>
    public static void PrintCollectives(ScaleResults results, Action<string[], IEnumerable<string[]>> print)
        => print(
            ["collective", "ranks", "smallest", "rate of the largest", "bytes a rank and time"],
            from kind in Enum.GetValues<Collective>()
            from ranks in results.Joined
            let time = results.Times(ranks)[kind]
            select new[]
            {
                kind.ToString(), Invariant($"{ranks}"), Invariant($"{time.Latency * 1e6:F0} µs"), Invariant($"{time.Rate / 1e9:F2} GB/s"),
                string.Join(", ", results.Sizes(ranks, kind).Select(size => $"{Bytes(size.Bytes)} {Milliseconds(size.Seconds)}")),
            });

    /// <summary>What a step moves, and how long each call took in it.</summary>
    public static void PrintCalls(ScaleResults results, StepTraffic traffic, Action<string[], IEnumerable<string[]>> print)
        => print(
            ["in a step", "bytes a rank", "ranks", "waited for the slowest", "took", "by the model", "by an all-gather"],
            from call in traffic.Calls()
            from ranks in results.Joined
            let times = results.Times(ranks)
            select new[]
            {
                $"{call.Kind} of {call.What}", Bytes(call.Bytes), Invariant($"{ranks}"),
                Milliseconds(results[ranks, RankMeasurement.Waited + call.What]),
                Milliseconds(results[ranks, RankMeasurement.Took + call.What]), Milliseconds(times[call.Kind].Of(call.Bytes)),
                call.What == StepTraffic.Views ? Milliseconds(times[Collective.AllGather].Of(call.Bytes)) : "",
            });

    /// <summary>What is to be expected of many ranks.</summary>
    public static void PrintForecast(ScaleOptions options, StepTraffic traffic, Action<string[], IEnumerable<string[]>> print)
    {
        double compute = options.GpuMilliseconds / 1000;
        print(
            ["network", "ranks", "computing", "gradients", "views by all-gather", "of the step", "efficiency", "views by all-to-all",
                "of the step", "efficiency"],
            from cluster in options.Clusters()
            from ranks in options.ClusterRanks
            let gather = cluster.Of(ranks, compute, traffic, Collective.AllGather)
            let exchange = cluster.Of(ranks, compute, traffic, Collective.AllToAll)
            select new[]
            {
                cluster.Name, Invariant($"{ranks}"), Milliseconds(compute), Milliseconds(gather.Gradients), Milliseconds(gather.Views),
                Percent(gather.ViewsShare), Percent(gather.Efficiency), Milliseconds(exchange.Views), Percent(exchange.ViewsShare),
                Percent(exchange.Efficiency),
            });
        Console.WriteLine();
        foreach (Cluster cluster in options.Clusters())
        {
            Console.WriteLine($"- {cluster.Name}: an all-gather of views takes more than 10 % of a step "
                + $"{From(step => step.ViewsShare > Much)}, more than the gradients {From(step => step.Views > step.Gradients)}, more than "
                + $"computing {From(step => step.Views > step.Compute)}; the all-to-all more than 10 % "
                + $"{From(step => step.ViewsShare > Much, Collective.AllToAll)}.");

            string From(Func<Forecast, bool> test, Collective views = Collective.AllGather)
                => Enumerable.Range(1, 20).Select(power => 1 << power)
                    .FirstOrDefault(ranks => test(cluster.Of(ranks, compute, traffic, views))) is int first and > 0
                    ? Invariant($"from {first} ranks on") : "never";
        }
    }

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => Invariant($"{bytes:F0} B"),
        < 1e6 => Invariant($"{bytes / 1e3:F1} kB"),
        _ => Invariant($"{bytes / 1e6:F1} MB"),
    };

    private static string Milliseconds(double seconds)
        => seconds < 0.01 ? Invariant($"{seconds * 1e3:F2} ms") : Invariant($"{seconds * 1e3:F1} ms");

    private static string Percent(double share) => Invariant($"{share * 100:F1} %");

    private static string Signed(double share) => Invariant($"{share * 100:+0.0;-0.0} %");
}
