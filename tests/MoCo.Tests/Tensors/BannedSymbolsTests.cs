namespace MoCo.Tests.Tensors;

public sealed class BannedSymbolsTests
{
    [Fact]
    public void The_list_names_every_member_of_TorchSharp_that_makes_a_scalar_which_nothing_holds()
    {
        string[] banned = [.. File.ReadLines(Repository.File("src", "BannedSymbols.txt")).Select(line => line.Split(';')[0])];
        string[] expected = new TemporaryScalars().Ids();
        Assert.True(
            expected.SequenceEqual(banned),
            $"src/BannedSymbols.txt is not what TorchSharp needs. Missing: {Lines(expected.Except(banned))}\n"
                + $"Not needed: {Lines(banned.Except(expected))}");

        static string Lines(IEnumerable<string> ids) => string.Join('\n', ids.Prepend(""));
    }

    [Fact]
    public void A_planted_violation_fails_the_build_and_a_held_scalar_does_not()
    {
        string folder = Repository.File("artifacts", $"planted-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllText(Path.Combine(folder, "Planted.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <ItemGroup><PackageReference Include="TorchSharp" /></ItemGroup>
                </Project>
                """);
            File.WriteAllText(Path.Combine(folder, "Planted.cs"), """
                using TorchSharp;
                using static TorchSharp.torch;

                internal static class Planted
                {
                    internal static void Converted(Tensor x) => x.mul_(0.5f);
                    internal static void Hidden(Tensor x) => x.add_(x);
                    internal static Tensor Operator(Tensor x) => x * 0.5f;
                    internal static nn.Module<Tensor, Tensor> Layer() => nn.BatchNorm2d(3);
                    internal static object Optimizer(nn.Module module) => optim.SGD(module.parameters(), 0.1);
                    internal static void Held(Tensor x)
                    {
                        using Scalar half = 0.5f.ToScalar();
                        x.mul_(half).add_(x, half);
                    }
                }
                """);

            (int exitCode, string output) = Repository.Run("dotnet", "build", folder, "-nologo", "-v", "quiet", "-clp:NoSummary");

            string[] lines = [.. output.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct()];
            Assert.NotEqual(0, exitCode);
            Assert.All(lines, line => Assert.Contains("RS0030", line, StringComparison.Ordinal));
            Assert.Equal([6, 7, 8, 9, 10], lines.Select(LineOf).Distinct().Order());
            Assert.Contains("a garbage collection may free it while libtorch reads it", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static int LineOf(string error) => int.Parse(
            error.Split("Planted.cs(")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
