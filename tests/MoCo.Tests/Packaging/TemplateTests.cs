using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using MoCo.Interop;

namespace MoCo.Tests.Packaging;

/// <summary>From <c>src/pack.sh</c> to a trained encoder: what somebody types who has the packages and a folder of images. The packages are
/// called and say that they come from elsewhere than by default.</summary>
public sealed class TemplateTests(TemplateTests.Created created) : IClassFixture<TemplateTests.Created>
{
    private const string Id = "Acme.MoCo", Sources = "https://example.com/acme/moco.git", Page = "https://example.com/moco";

    [Fact]
    public void Both_packages_are_called_and_come_from_where_the_properties_say()
    {
        Assert.Equal(["Acme.MoCo", "Acme.MoCo.Templates"], created.Packages.Keys.Order());
        foreach ((string id, XElement metadata) in created.Packages)
        {
            XElement repository = Element(metadata, "repository")!;
            Assert.Equal((Sources, "git"), (repository.Attribute("url")!.Value, repository.Attribute("type")!.Value));
            Assert.Equal((id, Page), (Element(metadata, "id")!.Value, Element(metadata, "projectUrl")!.Value));
            Assert.Equal(("MIT", Element(created.Packages[Id], "version")!.Value),
                (Element(metadata, "license")!.Value, Element(metadata, "version")!.Value));
        }
        XElement template = created.Packages["Acme.MoCo.Templates"];
        Assert.Equal("Template", Element(template, "packageTypes")!.Elements().Single().Attribute("name")!.Value);
        Assert.Null(Element(template, "dependencies"));
    }

    [Fact]
    public void The_project_asks_for_the_packages_of_this_build_and_the_native_one_of_the_device()
    {
        string version = Element(created.Packages[Id], "version")!.Value;
        (string, string, string?)[] cpu =
        [
            (Id, version, null),
            ("libtorch-cpu-linux-x64", Central("libtorch-cpu-linux-x64"), "$([MSBuild]::IsOSPlatform('Linux'))"),
            ("libtorch-cpu-osx-arm64", Central("libtorch-cpu-osx-arm64"), "$([MSBuild]::IsOSPlatform('OSX'))"),
        ];
        Assert.Equal(cpu, References("moco"));
        Assert.Equal([(Id, version, null), ("TorchSharp-cuda-linux", Central("TorchSharp-cuda-linux"), null)], References("gpu"));
    }

    [Fact]
    public void The_project_is_small_and_has_its_page()
    {
        Assert.Equal(
            ["Program.cs", "README.md", "moco.csproj"],
            Directory.GetFiles(created.File("moco")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.InRange(File.ReadAllLines(created.File("moco/Program.cs")).Length, 10, 25);
        Assert.Equal(5, File.ReadAllLines(created.File("moco/README.md")).Length);
    }

    [Fact]
    public void The_program_trains_on_a_folder_is_stopped_and_goes_on()
    {
        string work = created.File("work");
        using Process process = created.Begin(work, created.File("images"));
        List<string> lines = [];
        while (lines.Count < 3 && process.StandardOutput.ReadLine() is { } line) lines.Add(line);
        using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"])!) kill.WaitForExit();
        string rest = process.StandardOutput.ReadToEnd(), errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 130, $"{process.ExitCode}: {string.Join('\n', lines)}\n{rest}\n{errors}");
        Assert.All(lines, line => Assert.Matches(@"^epoch \d+: loss \d", line));
        Assert.Equal("stopped and saved; --resume goes on\n", errors);

        (int code, string said) = created.Run(work, created.File("images"), "--resume");

        Assert.True(code == 0, said);
        Assert.Matches($@"^epoch {lines.Count + rest.Count(letter => letter == '\n') + 1}: loss", said);
        Assert.Contains("\nepoch 20: loss", said, StringComparison.Ordinal);
        Assert.EndsWith("\nwritten: moco.ckpt, backbone.safetensors\n", said, StringComparison.Ordinal);
        using MoCoTrainer trainer = MoCoTrainer.Resume(Path.Combine(work, "moco.ckpt"));
        Assert.True(trainer.IsDone);
        trainer.QueryEncoder.LoadBackbone(Path.Combine(work, "backbone.safetensors"));

        Assert.Equal((2, "moco.ckpt is here: --resume goes on with it; or move it away\n"), created.Run(work, created.File("images")));
    }

    [Theory]
    [InlineData("", @"^usage: dotnet run -c Release -- FOLDER-OF-IMAGES \[--resume\]\n$")]
    [InlineData("images --resmue", @"^usage: .*\n$")]
    [InlineData("nowhere", @"^nowhere: no such folder; expected a folder of images\.\n$")]
    [InlineData("empty", @"^empty: no image found .*\n$")]
    [InlineData("few", @"^few has 5 images, fewer than one batch of 64, .*\n$")]
    [InlineData("images --resume", @"^.*moco\.ckpt.*\n$")]
    public void What_cannot_be_is_told_in_a_line(string arguments, string expected)
    {
        (int code, string said) = created.Run(created.Path, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches(expected, said);
        Assert.Equal(2, code);
    }

    private static XElement? Element(XElement metadata, string name) =>
        metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    private (string Name, string Version, string? Condition)[] References(string project) =>
    [
        .. XDocument.Load(created.File($"{project}/{project}.csproj")).Descendants("PackageReference").Select(reference =>
            (reference.Attribute("Include")!.Value, reference.Attribute("Version")!.Value, reference.Attribute("Condition")?.Value)),
    ];

    private static string Central(string package) =>
        XDocument.Load(Repository.File("Directory.Packages.props")).Descendants("PackageVersion")
            .Single(entry => entry.Attribute("Include")!.Value == package).Attribute("Version")!.Value;

    /// <summary>The packages, a project made from them for each device, and the first one's program.</summary>
    public sealed class Created : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public Created()
        {
            string hive = File("hive");
            Must("bash", Repository.File("src", "pack.sh"), File("feed"), "--no-build",
                $"-p:Configuration={Repository.Configuration}", $"-p:MoCoPackageId={Id}", $"-p:MoCoRepositoryUrl={Sources}",
                $"-p:MoCoProjectUrl={Page}", "-nodeReuse:false");
            Packages = Directory.GetFiles(File("feed"), "*.nupkg").Select(Metadata)
                .ToDictionary(metadata => Element(metadata, "id")!.Value);
            Must("dotnet", "new", "install", Directory.GetFiles(File("feed"), "*.Templates.*.nupkg").Single(), "--debug:custom-hive", hive);
            // A folder that is called as the package, whatever the case, would be a package that asks for itself.
            Must("dotnet", "new", "moco", "-o", File("moco"), "--debug:custom-hive", hive);
            Must("dotnet", "new", "moco", "-o", File("gpu"), "--device", "cuda", "--debug:custom-hive", hive);
            // The packages come from the feed into a folder of their own, all others from this build's.
            System.IO.File.WriteAllText(File("nuget.config"), """
                <configuration><packageSources><clear /><add key="local" value="feed" /></packageSources></configuration>
                """);
            Must("dotnet", "build", File("moco"), "-c", "Release", "-nologo", "-nodeReuse:false", "-warnaserror",
                $"-p:RestorePackagesPath={File("packages")}", $"-p:RestoreFallbackFolders={PackedProgram.PackageFolder}",
                "-p:CreateHardLinksForCopyLocalIfPossible=true", "-p:CreateSymbolicLinksForCopyLocalIfPossible=true");
            foreach (string name in (string[])["work", "images/a", "images/b", "few", "empty"]) Directory.CreateDirectory(File(name));
            for (int i = 0; i < 70; i++)
            {
                Random random = new(i);
                byte[] image = [.. "P6 8 8 255\n"u8, .. Enumerable.Range(0, 192).Select(_ => (byte)random.Next(256))];
                folder.Write($"images/{(i % 2 == 0 ? "a" : "b")}/{i:D2}.ppm", image);
                if (i < 5) folder.Write($"few/{i}.ppm", image);
            }
        }

        /// <summary>The .nuspec of each package, by its id.</summary>
        public Dictionary<string, XElement> Packages { get; }

        public string Path => folder.Path;

        public string File(string name) => folder.File(name);

        public Process Begin(string workingFolder, params string[] arguments) => Process.Start(
            new ProcessStartInfo("dotnet", [File("moco/bin/Release/net10.0/pretrain.dll"), .. arguments])
            {
                WorkingDirectory = workingFolder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;

        public (int ExitCode, string Output) Run(string workingFolder, params string[] arguments)
        {
            using Process process = Begin(workingFolder, arguments);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            return (process.ExitCode, output);
        }

        public void Dispose() => folder.Dispose();

        private static void Must(string program, params string[] arguments)
        {
            (int code, string output) = Repository.Run(program, arguments);
            Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}");
        }

        private static XElement Metadata(string package)
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            using Stream nuspec = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
            return XDocument.Load(nuspec).Root!.Elements().Single();
        }
    }
}
