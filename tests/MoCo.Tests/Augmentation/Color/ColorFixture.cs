using System.Text.Json;
using MoCo.Augmentation.Color;

namespace MoCo.Tests.Augmentation.Color;

/// <summary>The operations of <c>color/cases.json</c> and the ways to compute them.</summary>
internal static class ColorFixture
{
    internal static readonly string[] Photographs = ["LadyBird", "Garden", "Dune"];

    private static readonly JsonElement File = Fixture.Read("color", "cases.json");

    internal static IReadOnlyList<ColorOperation[]> Cases { get; } =
        [.. File.GetProperty("cases").EnumerateArray().Select(entry => entry.EnumerateArray().Select(Operation).ToArray())];

    internal static IReadOnlyList<(ColorOperation Operation, string Sha256)> EveryColor { get; } =
        [.. File.GetProperty("every_color").EnumerateArray().Select(entry => (Operation(entry), entry.GetProperty("sha256").GetString()!))];

    /// <summary>Every way in which this machine can compute: each width, tone curves looked up or computed.</summary>
    internal static IReadOnlyList<(LaneWidth Width, bool LooksUp)> Ways { get; } =
        [.. from width in Enum.GetValues<LaneWidth>() where width <= ColorLanes.Widest
            from looksUp in new[] { false, true } select (width, looksUp)];

    internal static ColorProgram Program(LaneWidth width, params ReadOnlySpan<ColorOperation> operations)
    {
        ColorProgram program = new() { Width = width };
        foreach (ColorOperation operation in operations) program.Add(operation);
        return program;
    }

    private static ColorOperation Operation(JsonElement entry) =>
        new(Enum.Parse<ColorOperationKind>(entry.GetProperty("kind").GetString()!), entry.GetProperty("amount").GetDouble());
}
