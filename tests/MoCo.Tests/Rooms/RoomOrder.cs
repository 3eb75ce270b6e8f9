using System.Text.RegularExpressions;

namespace MoCo.Tests.Rooms;

/// <summary>The rooms of src/MoCo in the order of the data: the code of a room uses its own room and those before it.</summary>
internal static partial class RoomOrder
{
    /// <summary>The namespace MoCo itself, which no room uses.</summary>
    public const string Root = "the root";

    public static readonly string[] Rooms =
    [
        "Validation", "Files", "Imaging", "Data", "Augmentation", "Tensors", "Loading", "Encoders", "Optimization", "Distributed",
        "Contrast", "Training", "Evaluation", "Interop", "Reporting", Root,
    ];

    /// <summary>The room that a namespace, such as MoCo.Imaging.Tiff, is of.</summary>
    public static string Of(string space) => space.Split('.') is [_, string room, ..] ? room : Root;

    /// <summary>What is wrong with the use of a room by another, or null.</summary>
    public static string? Error(string user, string used)
    {
        int from = Array.IndexOf(Rooms, user), to = Array.IndexOf(Rooms, used);
        if (from < 0) return $"{user} has no place in the order of the rooms (RoomOrder.cs)";
        return to > from || to < 0 ? $"{user} comes before {used}, and a room uses only itself and the rooms before it" : null;
    }

    /// <summary>The rooms that a source file names with their namespace, first of all in its using directives.</summary>
    public static IEnumerable<string> Named(string source)
        => Qualified().Matches(source).Select(match => match.Groups[1].Value).Where(Rooms.Contains)
            .Concat(RootImport().IsMatch(source) ? [Root] : []).Distinct();

    [GeneratedRegex(@"(?<![\w.])MoCo\.(\w+)")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"^using MoCo;", RegexOptions.Multiline)]
    private static partial Regex RootImport();
}
