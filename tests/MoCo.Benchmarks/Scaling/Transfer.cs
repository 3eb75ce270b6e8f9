namespace MoCo.Benchmarks.Scaling;

/// <summary>How numbers are moved in a step.</summary>
internal enum Collective
{
    /// <summary>Every rank's vector becomes the sum of all.</summary>
    AllReduce,

    /// <summary>Every rank gets what all have.</summary>
    AllGather,

    /// <summary>Every rank sends some of its rows to each other.</summary>
    AllToAll,
}

/// <summary>A collective call.</summary>
/// <param name="What">What it moves.</param>
/// <param name="Kind">How.</param>
/// <param name="Rows">The rows of a rank's tensor: of an all-to-all no more messages leave a rank.</param>
/// <param name="Bytes">The bytes of a rank's tensor.</param>
internal readonly record struct Transfer(string What, Collective Kind, long Rows, long Bytes);

/// <summary>What a step of MoCo moves, and in which order: what one rank's part of the batch makes of it.</summary>
/// <param name="Images">Images of a rank.</param>
/// <param name="Side">Pixels of a view's side.</param>
/// <param name="Dimension">Numbers of an embedding.</param>
/// <param name="Parameters">Numbers that are trained.</param>
internal sealed record StepTraffic(long Images, long Side, long Dimension, long Parameters)
{
    public const string Views = "views", Keys = "keys", Measures = "measures", Gradients = "gradients";

    private const long MeasuresAndWish = 6; // five measures of a step, and whether a rank wishes to stop

    /// <summary>The calls of a step.</summary>
    /// <param name="views">How the key views are shuffled over the ranks; the library's way is the all-to-all.</param>
    public IReadOnlyList<Transfer> Calls(Collective views = Collective.AllToAll) =>
    [
        new(Views, views, Images, Images * 3 * Side * Side * sizeof(float)),
        new(Keys, Collective.AllGather, Images, Images * Dimension * sizeof(float)),
        new(Measures, Collective.AllReduce, MeasuresAndWish, MeasuresAndWish * sizeof(float)),
        new(Gradients, Collective.AllReduce, Parameters, Parameters * sizeof(float)),
    ];
}
