using MoCo.Tests.Rooms.Planted.Upper;

namespace MoCo.Tests.Rooms;

/// <summary>The rooms of src/MoCo know only the rooms before them, by the compiled code and by the source files' imports.</summary>
public sealed class RoomOrderTests
{
    private static readonly string[] WithoutTorch = ["Validation", "Files", "Imaging", "Data", "Augmentation", "Reporting"];

    private static readonly Lazy<TypeUse[]> Uses = new(() => TypeUse.In(typeof(MoCoTrainer).Assembly, "MoCo")),
        Planted = new(() => TypeUse.In(typeof(UpperType).Assembly, "MoCo.Tests.Rooms.Planted.Lower"));

    [Fact]
    public void Types_use_their_own_room_and_those_before_it()
        => None(Uses.Value.Where(use => $"{use.UsedSpace}.".StartsWith("MoCo.", StringComparison.Ordinal))
            .Select(use => (use, error: RoomOrder.Error(RoomOrder.Of(use.UserSpace), RoomOrder.Of(use.UsedSpace))))
            .Select(found => found.error is null ? null : $"{found.use}: {found.error}."));

    [Fact]
    public void Source_files_name_their_own_room_and_those_before_it()
        => None(SourceFile.Under("src/MoCo").SelectMany(file => RoomOrder.Named(file.Text).Select(named =>
            RoomOrder.Error(RoomOrder.Of(file.Space), named) is { } error ? $"{file.Path}: names MoCo.{named}: {error}." : null)));

    [Fact]
    public void Rooms_that_need_no_tensors_do_not_use_TorchSharp()
    {
        Assert.Contains(Uses.Value, use => use.UserSpace == "MoCo.Tensors" && UsesTorch(use));
        None(Uses.Value.Where(use => WithoutTorch.Contains(RoomOrder.Of(use.UserSpace)) && UsesTorch(use))
            .Select(use => $"{use}: {RoomOrder.Of(use.UserSpace)} knows no TorchSharp."));

        static bool UsesTorch(TypeUse use) => use.Used.StartsWith("TorchSharp.", StringComparison.Ordinal);
    }

    [Fact]
    public void Namespaces_inside_a_room_do_not_use_each_other_in_a_circle()
    {
        TypeUse[] inside =
        [
            .. Uses.Value.Where(use => use.UserSpace != use.UsedSpace && Room(use.UserSpace) is { } room && room == Room(use.UsedSpace)),
        ];
        ILookup<string, string> graph = inside.ToLookup(use => use.UserSpace, use => use.UsedSpace);
        None(inside.Where(use => Reached(use.UsedSpace, []).Contains(use.UserSpace))
            .Select(use => $"{use}: {use.UsedSpace} uses {use.UserSpace} too, by itself or through others."));

        HashSet<string> Reached(string from, HashSet<string> reached)
        {
            foreach (string next in graph[from].Where(reached.Add)) Reached(next, reached);
            return reached;
        }
        // The namespace of the room itself is the face of what lies below it, and what lies below takes its types: no circle between parts.
        static string? Room(string space) => space.Split('.') is ["MoCo", string room, _, ..] ? room : null;
    }

    [Theory]
    [InlineData("Field")]
    [InlineData("Parameter")]
    [InlineData("Local")]
    [InlineData("Call")]
    [InlineData("Argument")]
    [InlineData("Marked")]
    [InlineData("Closure")]
    [InlineData("Iterator")]
    [InlineData("Asynchronous")]
    [InlineData("AsynchronousClosure")]
    public void A_use_is_seen_wherever_compiled_code_can_hold_it(string planted)
    {
        Assert.True(Sees(planted), $"A use in '{planted}' is not seen.");
        Assert.False(Sees("Innocent"));

        bool Sees(string user)
            => Planted.Value.Any(
                use => use.User == $"MoCo.Tests.Rooms.Planted.Lower.{user}" && use.UsedSpace == typeof(UpperType).Namespace);
    }

    [Fact]
    public void A_use_against_the_order_is_told_with_its_file_both_types_and_the_rule()
    {
        TypeUse use = new("MoCo.Data.SampleRandom", "MoCo.MoCoTrainer");
        Assert.Equal("src/MoCo/Data/SampleRandom.cs: MoCo.Data.SampleRandom uses MoCo.MoCoTrainer", use.ToString());
        Assert.Equal(
            "Data comes before the root, and a room uses only itself and the rooms before it",
            RoomOrder.Error(RoomOrder.Of(use.UserSpace), RoomOrder.Of(use.UsedSpace)));
        Assert.Null(RoomOrder.Error("Training", "Data"));
        Assert.Null(RoomOrder.Error("Data", "Data"));
        Assert.Equal("Helpers has no place in the order of the rooms (RoomOrder.cs)", RoomOrder.Error("Helpers", "Data"));
        const string Imports = "using MoCo;\nusing MoCo.Training.Checkpoints;\nusing static MoCo.Tensors.HeldScalars;\n";
        Assert.Equal(["Training", "Tensors", RoomOrder.Root], RoomOrder.Named(Imports));
    }

    private static void None(IEnumerable<string?> errors)
    {
        string[] found = [.. errors.OfType<string>().Distinct()];
        Assert.True(found.Length == 0, $"{found.Length} against the order of the rooms:\n{string.Join('\n', found)}");
    }
}
