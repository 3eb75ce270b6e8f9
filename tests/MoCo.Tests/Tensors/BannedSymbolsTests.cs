using MoCo.Tests.Packaging;

namespace MoCo.Tests.Tensors;

public sealed class BannedSymbolsTests
{
    [Fact]
    public void The_list_names_every_member_of_TorchSharp_that_makes_a_scalar_which_nothing_holds()
    {
        string list = Path.Combine(Repository.Root, "src", "BannedSymbols.txt");
        string[] banned = [.. File.ReadLines(list).Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)).Select(line => line.Split(';')[0])];
        string[] expected = new TemporaryScalars().Ids();
        Assert.True(
            expected.SequenceEqual(banned),
            $"src/BannedSymbols.txt is not what TorchSharp needs. Missing: {string.Join(Environment.NewLine, expected.Except(banned).Prepend(""))}{Environment.NewLine}Not needed: {string.Join(Environment.NewLine, banned.Except(expected).Prepend(""))}");
    }
}
