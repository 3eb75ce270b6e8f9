using System.Security.Cryptography;

namespace MoCo.Tests.Packaging;

/// <summary>What a user of the package builds trains, and says in one message why where torch cannot be loaded.</summary>
public sealed class PackedProgramTests(PackedProgram program) : IClassFixture<PackedProgram>
{
    private const string Heading = "TorchSharp's native library cannot be loaded: ";
    private static readonly string[] Libtorch = ["libtorch*", "libc10*", "libgomp*", "libshm*"];

    [Fact]
    public void A_program_that_references_the_package_and_one_libtorch_trains()
    {
        Assert.True(program.TrainingOutput.ExitCode == 0, program.TrainingOutput.Output);
        Assert.Matches(@"^step 0: \d+\.\d{4}\nstep 1: \d+\.\d{4}\n$", program.TrainingOutput.Output);
    }

    [Fact]
    public void Every_entrance_works_where_torch_loads()
    {
        (int code, string output) = program.Start(program.Output, "entrances");
        Assert.True(code == 0, output);
        Assert.Equal(PackedProgram.Entrances.Select(name => name + ": done"), Lines(output));
    }

    [Fact]
    public void The_output_holds_no_symbol_files_of_SkiaSharp_for_Windows()
    {
        Assert.Contains(Directory.GetFiles(program.Output, "*", SearchOption.AllDirectories), file
            => file.EndsWith("libSkiaSharp.dll", StringComparison.Ordinal));
        Assert.Equal([Path.Combine(program.Output, "App.pdb")], Directory.GetFiles(program.Output, "*.pdb", SearchOption.AllDirectories));
        Assert.DoesNotContain("libSkiaSharp.pdb", File.ReadAllText(Path.Combine(program.Output, "App.deps.json")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_symbol_version_is_relaxed_by_the_property_in_the_output_alone_and_once()
    {
        string library = Path.Combine(program.Output, PackedProgram.Natives, "libLibTorchSharp.so");
        byte[] packaged = Hash(PackedProgram.PackagedLibrary);

        Assert.DoesNotContain("GLIBCXX", Relaxing("false"), StringComparison.Ordinal);
        Assert.Equal(packaged, Hash(library));
        Assert.Contains("takes GLIBCXX_3.4.32 as optional", Relaxing("true"), StringComparison.Ordinal);
        byte[] relaxed = File.ReadAllBytes(library), original = File.ReadAllBytes(PackedProgram.PackagedLibrary);
        Assert.Equal(original.Length, relaxed.Length);
        Assert.Equal((0, 2), Assert.Single(original.Zip(relaxed), pair => pair.First != pair.Second));
        Assert.DoesNotContain("GLIBCXX", Relaxing("true"), StringComparison.Ordinal);
        Assert.Equal(SHA256.HashData(relaxed), Hash(library));

        Assert.Equal(packaged, Hash(PackedProgram.PackagedLibrary));
        (int code, string output) = program.Start(program.Output, "fail");
        Assert.True(code == 0, output);

        string Relaxing(string value) => program.Build("--no-restore", $"-p:MoCoRelaxSymbolVersions={value}");
    }

    [Fact]
    public void An_older_libstdcxx_is_named_with_the_version_that_it_lacks()
    {
        string copy = program.CopyOutput("unrelaxed", natives => Replace(natives, File.ReadAllBytes(PackedProgram.PackagedLibrary)));
        (int code, string output) = program.Start(copy, "fail");
        if (code == 0) return; // this system has GLIBCXX_3.4.32; the test below asks for one that none has
        Assert.Contains(Heading, output, StringComparison.Ordinal);
        Assert.Contains("libstdc++.so.6: version `GLIBCXX_3.4.32' not found", output, StringComparison.Ordinal);
        Assert.Contains("MoCoRelaxSymbolVersions", output, StringComparison.Ordinal);
        AssertNoPageOfTorchSharps(copy, output);
    }

    [Fact]
    public void A_symbol_version_that_no_system_has_is_named()
    {
        string copy = program.CopyOutput("newer", natives =>
        {
            byte[] library = File.ReadAllBytes(PackedProgram.PackagedLibrary);
            int at = library.AsSpan().IndexOf("GLIBCXX_3.4.32\0"u8);
            "GLIBCXX_3.4.99"u8.CopyTo(library.AsSpan(at));
            Replace(natives, library);
        });
        (int code, string output) = program.Start(copy, "fail");
        Assert.NotEqual(0, code);
        Assert.Contains(Heading, output, StringComparison.Ordinal);
        Assert.Contains("version `GLIBCXX_3.4.99' not found", output, StringComparison.Ordinal);
        AssertNoPageOfTorchSharps(copy, output);
    }

    [Fact]
    public void Every_entrance_names_the_package_where_libtorch_is_missing()
    {
        string copy = program.CopyOutput("without-libtorch", natives =>
        {
            foreach (string file in Libtorch.SelectMany(pattern => Directory.GetFiles(natives, pattern)))
                File.Delete(file);
        });
        (int code, string output) = program.Start(copy, "entrances");
        Assert.True(code == 0, output);
        string[] lines = Lines(output);
        Assert.Equal(PackedProgram.Entrances, lines.Select(line => line.Split(": ")[0]));
        Assert.All(lines, line => Assert.Contains($": DllNotFoundException: {Heading}", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains("Reference the package libtorch-cpu-linux-x64", line, StringComparison.Ordinal));
        AssertNoPageOfTorchSharps(copy, output);
    }

    [Theory]
    [InlineData("libgomp-98b21ff3.so.1", "libgomp-98b21ff3.so.1, a part of libtorch, is not in the application's folder.")]
    [InlineData("libLibTorchSharp.so", "libLibTorchSharp.so is not in the application's folder.")]
    public void A_missing_file_is_named(string file, string expected)
    {
        string copy = program.CopyOutput("without-" + file, natives => File.Delete(Path.Combine(natives, file)));
        (int code, string output) = program.Start(copy, "fail");
        Assert.NotEqual(0, code);
        Assert.Contains($"System.DllNotFoundException: {Heading}{expected}", output, StringComparison.Ordinal);
        AssertNoPageOfTorchSharps(copy, output);
    }

    /// <summary>TorchSharp's loader was not asked: it tells its steps, and copies libtorch to a folder beside the program.</summary>
    private static void AssertNoPageOfTorchSharps(string copy, string output)
    {
        Assert.DoesNotContain("LoadNativeBackend", output, StringComparison.Ordinal);
        Assert.DoesNotContain("TypeInitializationException", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(copy, "cpu")));
    }

    private static void Replace(string natives, byte[] library)
    {
        string path = Path.Combine(natives, "libLibTorchSharp.so");
        File.Delete(path); // a link to the output's
        File.WriteAllBytes(path, library);
    }

    private static byte[] Hash(string file) => SHA256.HashData(File.ReadAllBytes(file));

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
