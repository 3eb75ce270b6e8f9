using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace MoCo.Tests.Packaging;

public sealed class PackageTests(PackageTests.Package package) : IClassFixture<PackageTests.Package>
{
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public void The_metadata_is_complete()
    {
        Assert.Equal("MoCo", package.Value("id"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", package.Value("version"));
        Assert.Equal("MIT", package.Value("license"));
        Assert.Equal("expression", package.Metadata("license").Attribute("type")!.Value);
        Assert.Equal("README.md", package.Value("readme"));
        Assert.Equal(package.Text("README.md"), File.ReadAllText(Repository.File("README.md")));
        Assert.NotEmpty(package.Value("authors"));
        Assert.Contains("Momentum Contrast", package.Value("description"), StringComparison.Ordinal);
        Assert.Contains("momentum-contrast", package.Value("tags").Split(' '));
        if (Directory.Exists(Repository.File(".git")))
            Assert.Matches("^[0-9a-f]{40}$", package.Metadata("repository").Attribute("commit")!.Value);
    }

    [Fact]
    public void Where_no_address_is_set_none_is_made_up()
    {
        string nuspec = package.Text("MoCo.nuspec");
        Assert.DoesNotContain("projectUrl", nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("url=", nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public void It_depends_on_what_the_library_calls_and_nothing_else()
    {
        XElement group = Assert.Single(package.Metadata("dependencies").Elements());
        Assert.Equal("net10.0", group.Attribute("targetFramework")!.Value);
        Assert.Equal(
            ["Microsoft.Extensions.Logging.Abstractions 10.0.15", "Parquet.Net 6.1.0", "SixLabors.ImageSharp [2.1.13, 3.0.0)",
            "SkiaSharp 4.155.0", "SkiaSharp.NativeAssets.Linux.NoDependencies 4.155.0", "TorchSharp 0.107.0"],
            group.Elements().Select(dependency => $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}")
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_holds_the_library_its_documentation_and_what_applications_build_with()
    {
        string[] files =
            [.. package.Files.Where(file
            => !file.StartsWith("_rels/", StringComparison.Ordinal) && !file.StartsWith("package/", StringComparison.Ordinal)
            && file != "[Content_Types].xml")];
        Assert.Equal(
            ["MoCo.nuspec", "README.md", "buildTransitive/MoCo.targets", "buildTransitive/RelaxSymbolVersion.cs",
            "lib/net10.0/MoCo.dll", "lib/net10.0/MoCo.xml"], files.Order(StringComparer.Ordinal));
        XDocument documentation = XDocument.Parse(package.Text("lib/net10.0/MoCo.xml"));
        string[] documented = [.. documentation.Descendants("member").Select(member => member.Attribute("name")!.Value)];
        Assert.All(typeof(MoCoTrainer).Assembly.GetExportedTypes(), type
            => Assert.Contains("T:" + type.FullName!.Replace('+', '.'), documented));
    }

    [Fact]
    public void The_symbols_belong_to_the_library_and_lead_to_the_sources()
    {
        using MemoryStream dll = package.Open("lib/net10.0/MoCo.dll"), pdb = package.OpenSymbols("lib/net10.0/MoCo.pdb");
        using PEReader image = new(dll);
        CodeViewDebugDirectoryData codeView =
            image.ReadCodeViewDebugDirectoryData(image.ReadDebugDirectory().First(entry => entry.Type == DebugDirectoryEntryType.CodeView));
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        MetadataReader symbols = provider.GetMetadataReader();
        Assert.Equal(codeView.Guid, new BlobContentId(symbols.DebugMetadataHeader!.Id).Guid);

        bool remote = Directory.Exists(Repository.File(".git")) && Repository.Run("git", "remote", "get-url", "origin") is (0, string url)
            && url.Contains("github.com", StringComparison.Ordinal);
        string[] links = [.. symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation)
            .Where(info => symbols.GetGuid(info.Kind) == SourceLink)
            .Select(info => Encoding.UTF8.GetString(symbols.GetBlobBytes(info.Value)))];
        if (remote) Assert.Contains("https://raw.githubusercontent.com/", Assert.Single(links), StringComparison.Ordinal);
    }

    /// <summary>The package as <c>dotnet pack</c> makes it of the build under test.</summary>
    public sealed class Package : IDisposable
    {
        private readonly TemporaryFolder folder = new();
        private readonly ZipArchive archive;
        private readonly ZipArchive symbols;
        private readonly XElement metadata;

        public Package()
        {
            (int code, string output) =
                Repository.Run("dotnet", "pack", Repository.File("src", "MoCo"), "--no-build", "-c",
                Repository.Configuration, "-o", folder.Path, "-nodeReuse:false");
            Assert.True(code == 0, output);
            archive = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.Path, "*.nupkg")));
            symbols = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.Path, "*.snupkg")));
            metadata = XDocument.Parse(Text("MoCo.nuspec")).Root!.Elements().Single();
        }
        public IEnumerable<string> Files => archive.Entries.Select(entry => entry.FullName);

        public XElement Metadata(string name) => metadata.Elements().Single(element => element.Name.LocalName == name);

        public string Value(string name) => Metadata(name).Value;

        public MemoryStream Open(string file) => Read(archive, file);

        public MemoryStream OpenSymbols(string file) => Read(symbols, file);

        public string Text(string file)
        {
            using StreamReader reader = new(Open(file));
            return reader.ReadToEnd();
        }
        public void Dispose()
        {
            archive.Dispose();
            symbols.Dispose();
            folder.Dispose();
        }
        private static MemoryStream Read(ZipArchive archive, string file)
        {
            ZipArchiveEntry? entry = archive.GetEntry(file);
            Assert.True(entry is not null,
                $"{file} is not in the package; it has {string.Join(", ", archive.Entries.Select(e => e.FullName))}");
            MemoryStream memory = new();
            using Stream stream = entry.Open();
            stream.CopyTo(memory);
            memory.Position = 0;
            return memory;
        }
    }
}
