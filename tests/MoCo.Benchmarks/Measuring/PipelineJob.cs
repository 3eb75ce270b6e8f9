using System.Globalization;
using MoCo.Augmentation;
using MoCo.Benchmarks.CommandLines;

namespace MoCo.Benchmarks.Measuring;

/// <summary>What one process measures between a file and its views.</summary>
/// <param name="Recipe">v1, v2 or cifar.</param>
/// <param name="Images">A folder of JPEGs.</param>
/// <param name="Parts">Of <see cref="PipelinePart"/>.</param>
/// <param name="Seconds">Time to spend after the warm-up, about.</param>
/// <param name="Workers">The loader's threads.</param>
internal sealed record PipelineJob(string Recipe, string Images, IReadOnlyList<string> Parts, double Seconds, int Workers = 1)
{
    public const string V1 = "v1", V2 = "v2", Cifar = "cifar";

    public static IReadOnlyList<string> Recipes { get; } = [V1, V2, Cifar];

    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--images", "DIR", "a folder of JPEGs"),
        new("--recipe", "NAME", $"{string.Join(", ", Recipes)} (default: {V2})"),
        new("--only", "PARTS", $"comma-separated, of {string.Join(", ", PipelinePart.All)} (default: all but {PipelinePart.Loader})"),
        new("--workers", "N", "threads of the loader (default: 1)"),
        new("--seconds", "S", "time to spend after the warm-up, about (default: 10)"),
    ];

    public static PipelineJob Parse(CommandLine line) => new(
        line.Choice("--recipe", V2, V1, Cifar),
        line.Text("--images") ?? throw new UsageException("--images is absent; expected a folder of JPEGs."),
        line.Choices("--only", PipelinePart.Direct, PipelinePart.All),
        line.Number("--seconds", 10, 0.001, 86400),
        line.Whole("--workers", 1, 1, 1024));

    public AugmentationRecipe MakeRecipe() => Recipe switch
    {
        V1 => AugmentationRecipe.V1(224),
        V2 => AugmentationRecipe.V2(224),
        _ => AugmentationRecipe.Cifar(32),
    };

    /// <summary>The job as flags, which <c>measure-pipeline</c> and, but for the workers, pytorch/pipeline.py understand alike.</summary>
    public IReadOnlyList<string> Arguments() =>
    [
        "--images", Images, "--recipe", Recipe, "--only", string.Join(',', Parts), "--seconds",
            Seconds.ToString(CultureInfo.InvariantCulture),
        .. Parts.Contains(PipelinePart.Loader) ? ["--workers", Workers.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
    ];
}
