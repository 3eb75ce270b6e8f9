namespace MoCo.Tests.Packaging;

/// <summary>
/// What callers build on changes only on purpose: <c>PublicApi.approved.txt</c> is part of the review. Run the test with
/// <c>MOCO_APPROVE=1</c> in the environment to take the present surface over.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_approved_one()
    {
        string path = Repository.File("tests", "MoCo.Tests", "Packaging", "PublicApi.approved.txt");
        string[] actual = ApiSurface.Of(typeof(MoCoTrainer).Assembly);
        if (Environment.GetEnvironmentVariable("MOCO_APPROVE") == "1") File.WriteAllText(path, string.Join('\n', actual) + '\n');
        string[] approved = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (approved.SequenceEqual(actual)) return;

        string received = Path.Combine(Path.GetTempPath(), "MoCo.PublicApi.received.txt");
        File.WriteAllText(received, string.Join('\n', actual) + '\n');
        Assert.Fail($"""
            The public API is not the approved one.
            {string.Join('\n', approved.Except(actual).Select(line => "- " + line).Concat(actual.Except(approved).Select(line => "+ " + line)))}
            If that is meant, run this test again with MOCO_APPROVE=1 in the environment, or copy
            {received} to {path}.
            """);
    }

    [Fact]
    public void The_surface_holds_members_with_parameters_defaults_and_nullability()
    {
        string[] surface = ApiSurface.Of(typeof(MoCoTrainer).Assembly);
        Assert.Equal(surface.Distinct(), surface);
        Assert.Contains("MoCo.MoCoTrainer: sealed class : IDisposable", surface);
        Assert.Contains("MoCo.MoCoTrainer.new(MoCoOptions? options = null, Device? device = null, ILogger? logger = null)", surface, new AnyNesting());
        Assert.Contains("MoCo.MoCoOptions.Epochs { get; init; }: int", surface);
        Assert.Contains("MoCo.Encoders.Stem.SmallImage = 1", surface, new AnyNesting());
        Assert.DoesNotContain(surface, line => line.Contains("ViewPump", StringComparison.Ordinal)); // internal
    }

    /// <summary>Compares without the names of the types that a type is nested in.</summary>
    private sealed class AnyNesting : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => Plain(x) == Plain(y);

        public int GetHashCode(string obj) => Plain(obj)!.GetHashCode(StringComparison.Ordinal);

        private static string? Plain(string? line) => line?.Replace("torch.", "", StringComparison.Ordinal);
    }
}
