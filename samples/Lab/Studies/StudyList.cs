namespace Lab.Studies;

/// <summary>The studies that there are.</summary>
internal static class StudyList
{
    public const string Cost = "cost", All = "all";

    /// <summary>What --study takes, in the order of the help.</summary>
    public static IReadOnlyList<string> Names { get; } = ["momentum", "queue", "mechanisms", "methods", "head-aug", Cost, All];

    /// <summary>What is done by a name: of all, each run once, so that mechanisms stand for queue too.</summary>
    public static IReadOnlyList<string> Expand(string name) => name == All ? [.. Names.Except(["queue", All])] : [name];

    /// <summary>The study of a name, on given images.</summary>
    public static Study Get(string name, Ground ground) => name switch
    {
        "momentum" => MomentumStudy.Of(ground),
        "queue" => DictionaryStudy.OfQueue(ground),
        "mechanisms" => DictionaryStudy.OfMechanisms(ground),
        "methods" => MethodStudy.Of(ground),
        "head-aug" => HeadStudy.Of(),
        _ => throw new ArgumentException($"name is '{name}'; expected a study of training runs.", nameof(name)),
    };
}
