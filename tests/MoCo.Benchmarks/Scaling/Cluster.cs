namespace MoCo.Benchmarks.Scaling;

/// <summary>Nodes of GPUs, a rank each: links within a node, a network between them, both at their full rate.</summary>
/// <param name="Name">For people.</param>
/// <param name="NodeRanks">Ranks of a node.</param>
/// <param name="LinkRate">Bytes a second that a GPU sends within its node.</param>
/// <param name="NodeRate">Bytes a second that a node sends to others.</param>
/// <param name="Latency">Seconds of a message.</param>
internal sealed record Cluster(string Name, int NodeRanks, double LinkRate, double NodeRate, double Latency)
{
    /// <summary>The seconds of a call. All-reduce and all-gather go in rings that enter and leave each node once, so that a node's network
    /// carries what a link does; an all-to-all's rows leave a node one by one, those of all its ranks. Messages wait for one another
    /// log₂ R times in a collective (twice that in an all-reduce), and for each message that a rank sends in an all-to-all.</summary>
    public double Seconds(Transfer call, int ranks)
    {
        if (ranks == 1) return 0;
        bool isOneNode = ranks <= NodeRanks;
        double others = ranks - 1, bytes = call.Bytes, ring = isOneNode ? LinkRate : Math.Min(LinkRate, NodeRate);
        double leaving = isOneNode ? 0 : (double)NodeRanks * (ranks - NodeRanks) / ranks * bytes;
        return call.Kind switch
        {
            Collective.AllReduce => 2 * others / ranks * bytes / ring + 2 * Math.Log2(ranks) * Latency,
            Collective.AllGather => others * bytes / ring + Math.Log2(ranks) * Latency,
            _ => Math.Max(others / ranks * bytes / LinkRate, leaving / NodeRate) + Math.Min(others, call.Rows) * Latency,
        };
    }

    /// <summary>A step of so many ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="compute">Seconds of a rank's step without the others.</param>
    /// <param name="traffic">What a step moves.</param>
    /// <param name="views">How the key views are shuffled.</param>
    public Forecast Of(int ranks, double compute, StepTraffic traffic, Collective views)
    {
        Dictionary<string, double> seconds = traffic.Calls(views).ToDictionary(call => call.What, call => Seconds(call, ranks));
        return new Forecast(compute, seconds[StepTraffic.Views], seconds[StepTraffic.Gradients], compute + seconds.Values.Sum());
    }
}

/// <summary>What a step takes, in seconds.</summary>
/// <param name="Compute">The rank's own work.</param>
/// <param name="Views">Shuffling the key views.</param>
/// <param name="Gradients">Summing the gradients.</param>
/// <param name="Step">All of it.</param>
internal readonly record struct Forecast(double Compute, double Views, double Gradients, double Step)
{
    /// <summary>Of so many GPUs, how many work: 1 where twice the GPUs train on twice the images in the same time.</summary>
    public double Efficiency => Compute / Step;

    /// <summary>The share of the step that shuffling takes.</summary>
    public double ViewsShare => Views / Step;
}
