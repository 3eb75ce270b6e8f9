using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class ModuleStateTests
{
    [Fact]
    public void Save_and_load_give_back_every_tensor()
    {
        using var source = new ModuleRegistrationTests.Network();
        using var target = new ModuleRegistrationTests.Network();
        using (var batch = randn(4, 1, 5, 5))
            source.call(batch).Dispose();
        using var file = new MemoryStream();
        source.save(new BinaryWriter(file));
        file.Position = 0;
        var loaded = new Dictionary<string, bool>();
        target.load(new BinaryReader(file), loadedParameters: loaded);

        Assert.Equal(file.Length, file.Position);
        Assert.Equal(source.state_dict().Keys, loaded.Keys);
        AssertSameState(source, target);
        Assert.Equal(1, target.get_buffer("blocks.second.num_batches_tracked")!.item<long>());
    }

    [Fact]
    public void The_file_starts_with_the_number_of_entries_and_the_first_name()
    {
        using var network = nn.Linear(3, 2);
        using var file = new MemoryStream();
        network.save(new BinaryWriter(file));
        file.Position = 0;
        using var reader = new BinaryReader(file);
        Assert.Equal(2, reader.ReadByte());
        Assert.Equal("weight", reader.ReadString());
    }

    [Fact]
    public void A_file_with_other_names_is_refused_unless_reading_is_lenient()
    {
        using var source = nn.Sequential(("a", nn.Linear(2, 2)));
        using var target = nn.Sequential(("b", nn.Linear(2, 2)));
        string path = Path.GetTempFileName();
        try
        {
            source.save(path);
            var error = Assert.Throws<ArgumentException>(() => target.load(path));
            Assert.Contains("'a.weight'", error.Message, StringComparison.Ordinal);
            target.load(path, strict: false);

            using var larger = nn.Sequential(("a", nn.Linear(2, 2)), ("b", nn.Linear(2, 2)));
            var sizes = Assert.Throws<ArgumentException>(() => larger.load(path));
            Assert.Contains("expected 4, but found 2", sizes.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<FileNotFoundException>(() => target.load(path));
    }

    [Fact]
    public void Load_state_dict_copies_in_place_and_names_what_does_not_fit()
    {
        using var source = nn.Linear(2, 2);
        using var target = nn.Linear(2, 2);
        var weight = target.weight;
        target.load_state_dict(source.state_dict());
        Assert.Same(weight, target.weight);
        AssertSameState(source, target);

        using var extra = zeros(1);
        var other = new Dictionary<string, Tensor> { ["weight"] = source.weight, ["extra"] = extra };
        Assert.Throws<InvalidOperationException>(() => target.load_state_dict(other));
        var (missing, unexpected) = target.load_state_dict(other, strict: false);
        Assert.Equal(["bias"], missing);
        Assert.Equal(["extra"], unexpected);
        (missing, unexpected) = target.load_state_dict(other, skip: ["bias", "extra"]);
        Assert.Empty(missing);
        Assert.Empty(unexpected);
    }

    [Fact]
    public void Skipped_entries_keep_their_values()
    {
        using var source = nn.Linear(2, 2);
        using var target = nn.Linear(2, 2);
        using var before = target.bias!.detach().clone();
        using var file = new MemoryStream();
        source.save(new BinaryWriter(file));
        file.Position = 0;
        target.load(new BinaryReader(file), skip: ["bias"]);
        Assert.True(target.weight.allclose(source.weight));
        Assert.True(target.bias.allclose(before));
    }

    private static void AssertSameState(nn.Module expected, nn.Module actual)
    {
        var state = actual.state_dict();
        foreach (var (key, tensor) in expected.state_dict())
            Assert.True(tensor.allclose(state[key]), key);
    }
}
