using System.Text;

namespace MoCo.Tests.Packaging;

/// <summary>The build's task on libraries that it must leave as they are, and the property's values.</summary>
public sealed class RelaxSymbolVersionTests : IDisposable
{
    private const string Marker = "_ZSt21ios_base_library_initv";
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void What_cannot_be_relaxed_safely_stays_as_it_is()
    {
        byte[] library = File.ReadAllBytes(PackedProgram.PackagedLibrary);
        folder.Write("plain.so", library);
        folder.Write("other-user.so", Renamed(library, Marker, Marker.Replace("initv", "initx", StringComparison.Ordinal)));
        folder.Write("without.so", Renamed(library, "GLIBCXX_3.4.32", "GLIBCXX_3.4.99"));
        folder.Write("text.so", "no library at all"u8.ToArray());
        folder.Write("cut.so", library[..5000]);

        string output = Run("""
            <Target Name="Test">
              <ItemGroup><Library Include="*.so" /></ItemGroup>
              <RelaxSymbolVersion Library="%(Library.FullPath)" Copy="%(Library.Filename).copy" Version="GLIBCXX_3.4.32"
                Marker="_ZSt21ios_base_library_initv" Always="true" />
            </Target>
            """);

        Assert.Contains("plain.so takes GLIBCXX_3.4.32 as optional.", output, StringComparison.Ordinal);
        Assert.Contains("other-user.so stays as it is, because its symbol _ZSt21ios_base_library_initx really needs GLIBCXX_3.4.32.",
            output, StringComparison.Ordinal);
        Assert.Contains("without.so does not need GLIBCXX_3.4.32.", output, StringComparison.Ordinal);
        Assert.Contains("text.so stays as it is, because its tables cannot be read", output, StringComparison.Ordinal);
        Assert.Contains("cut.so stays as it is, because its tables cannot be read", output, StringComparison.Ordinal);
        Assert.Equal([folder.File("plain.copy")], Directory.GetFiles(folder.Path, "*.copy"));
        Assert.Equal(library, File.ReadAllBytes(folder.File("plain.so")));
    }

    [Theory]
    [InlineData("maybe", true)]
    [InlineData("False", false)]
    [InlineData("AUTO", false)]
    public void Values_of_the_property_other_than_auto_true_and_false_are_errors(string value, bool isError)
    {
        string output = Run("""<Target Name="Test" DependsOnTargets="MoCoFindNativeFiles" />""", $"-p:MoCoRelaxSymbolVersions={value}");
        Assert.Equal(
            isError, output.Contains($"MoCoRelaxSymbolVersions is '{value}'; expected auto, true or false.", StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    private string Run(string target, params string[] arguments)
    {
        string targets = Repository.File("src", "MoCo", "Packaging", "MoCo.targets");
        folder.Write("test.proj", Encoding.UTF8.GetBytes($"""<Project><Import Project="{targets}" />{target}</Project>"""));
        return Repository.Run("dotnet",
            ["msbuild", folder.File("test.proj"), "-t:Test", "-nologo", "-v:normal", "-nodeReuse:false", .. arguments]).Output;
    }

    private static byte[] Renamed(byte[] library, string name, string other)
    {
        byte[] copy = [.. library];
        int at = copy.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name + "\0"));
        Assert.True(at > 0);
        Encoding.ASCII.GetBytes(other).CopyTo(copy, at);
        return copy;
    }
}
