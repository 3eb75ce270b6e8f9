using System.Text.Json;
using MoCo.Augmentation.Color;

namespace MoCo.Tests.Augmentation.Color;

/// <summary>The operations of <c>colour/cases.json</c> and the ways to compute them.</summary>
internal static class ColourFixture
{
    internal static readonly string[] Photographs = ["LadyBird", "Garden", "Dune"];

    private static readonly JsonElement File = Fixture.Read("colour", "cases.json");

    internal static IReadOnlyList<ColourOperation[]> Cases { get; } =
        [.. File.GetProperty("cases").EnumerateArray().Select(entry => entry.EnumerateArray().Select(Operation).ToArray())];

    internal static IReadOnlyList<(ColourOperation Operation, string Sha256)> EveryColour { get; } =
        [.. File.GetProperty("every_colour").EnumerateArray().Select(entry => (Operation(entry), entry.GetProperty("sha256").GetString()!))];

    /// <summary>Every way in which this machine can compute: each width, tone curves looked up or computed.</summary>
    internal static IReadOnlyList<(LaneWidth Width, bool LooksUp)> Ways { get; } =
        [.. from width in Enum.GetValues<LaneWidth>() where width <= ColourLanes.Widest from looksUp in new[] { false, true } select (width, looksUp)];

    internal static ColourProgram Program(LaneWidth width, params ReadOnlySpan<ColourOperation> operations)
    {
        var program = new ColourProgram { Width = width };
        foreach (var operation in operations)
            program.Add(operation);
        return program;
    }

    private static ColourOperation Operation(JsonElement entry) =>
        new(Enum.Parse<ColourOperationKind>(entry.GetProperty("kind").GetString()!), entry.GetProperty("amount").GetDouble());
}
