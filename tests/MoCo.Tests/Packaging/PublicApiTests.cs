using PublicApiGenerator;

namespace MoCo.Tests.Packaging;

/// <summary>What callers build on changes only on purpose: <c>PublicApi.approved.txt</c> is part of the review. Run the test with
/// <c>MOCO_APPROVE=1</c> in the environment to take the present surface over.</summary>
public sealed class PublicApiTests
{
    /// <summary>Lower it when types go; a new public type needs a caller in README, samples or tests of a user's story.</summary>
    private const int MostTypes = 110;

    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false, TreatRecordsAsClasses = false };

    private static readonly Lazy<string> Surface = new(() =>
        typeof(MoCoTrainer).Assembly.GeneratePublicApi(Options).ReplaceLineEndings("\n").TrimEnd() + "\n");

    [Fact]
    public void The_public_API_is_the_approved_one()
    {
        string path = Repository.File("tests", "MoCo.Tests", "Packaging", "PublicApi.approved.txt");
        if (Environment.GetEnvironmentVariable("MOCO_APPROVE") == "1") File.WriteAllText(path, Surface.Value);
        string approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (approved == Surface.Value) return;

        string received = Path.Combine(Path.GetTempPath(), "MoCo.PublicApi.received.txt");
        File.WriteAllText(received, Surface.Value);
        string[] before = [.. Members(approved)], now = [.. Members(Surface.Value)];
        Assert.Fail($"""
            The public API is not the approved one.
            {string.Join('\n', [.. before.Except(now).Select(line => "- " + line), .. now.Except(before).Select(line => "+ " + line)])}
            If that is meant, run this test again with MOCO_APPROVE=1 in the environment, or copy
            {received} to {path}.
            """);
    }

    [Fact]
    public void The_public_types_do_not_grow_in_number()
    {
        string[] types = [.. typeof(MoCoTrainer).Assembly.GetExportedTypes().Where(type => !type.IsNested).Select(type => type.FullName!)];
        Assert.True(types.Length <= MostTypes, $"{types.Length} public types, at most {MostTypes}: {string.Join(' ', types)}");
    }

    [Fact]
    public void The_surface_holds_members_with_parameters_defaults_and_nullability()
    {
        string[] surface = [.. Members(Surface.Value)];
        Assert.Contains("MoCo.Encoders: public enum Stem: SmallImage = 1,", surface);
        Assert.Contains(surface, line => Is(line, "MoCo: public sealed record MoCoOptions", ": public int Epochs { get; init; }"));
        Assert.Contains(surface, line => Is(
            line,
            "MoCo: public sealed class MoCoTrainer : System.IDisposable: public MoCoTrainer(MoCo.MoCoOptions? options = null, ",
            "MoCo.Distributed.ProcessGroup? group = null) { }"));
        Assert.DoesNotContain(surface, line => line.Contains("ViewPump", StringComparison.Ordinal)); // internal

        static bool Is(string line, string start, string end)
            => line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal);
    }

    /// <summary>The lines of a surface, each after those that it stands in: namespace, types.</summary>
    private static IEnumerable<string> Members(string surface)
    {
        Stack<string> around = new();
        string last = "";
        foreach (string line in surface.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line == "{") around.Push(last.Replace("namespace ", "", StringComparison.Ordinal));
            else if (line == "}") around.Pop();
            else yield return string.Join(": ", around.Reverse().Append(line));
            last = line;
        }
    }
}
