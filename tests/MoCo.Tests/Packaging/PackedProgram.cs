using System.Reflection;
using System.Text.RegularExpressions;

namespace MoCo.Tests.Packaging;

/// <summary>A console program as a user writes it: it references the packed MoCo and one libtorch, and nothing of this checkout.</summary>
/// <remarks>MoCo comes from a folder of its own into a package folder of its own, so that no older copy can serve; whatever else is needed
/// is already in the package folder of this build. The former lies in the project's folder, where some build servers put it.</remarks>
public sealed partial class PackedProgram : IDisposable
{
    private const string Version = "0.0.0-packed";
    private readonly TemporaryFolder folder = new();

    public PackedProgram()
    {
        (int code, string output) =
            Repository.Run("dotnet", "pack", Repository.File("src", "MoCo"), "--no-build", "-c", Repository.Configuration,
            "-o", folder.File("feed"), $"-p:PackageVersion={Version}", "-nodeReuse:false");
        Assert.True(code == 0, output);
        Directory.CreateDirectory(folder.File("app"));
        Write("app/App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <RestoreAdditionalProjectSources>{folder.File("feed")}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{folder.File("app/packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{PackageFolder}</RestoreFallbackFolders>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <CreateSymbolicLinksForCopyLocalIfPossible>true</CreateSymbolicLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MoCo" Version="{Version}" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
        Write("app/Program.cs", Source);
        // Where in the package a type lies is nothing that these tests are about.
        IEnumerable<string?> spaces = typeof(MoCoTrainer).Assembly.GetExportedTypes().Select(type => type.Namespace).Distinct();
        Write("app/Usings.cs", string.Join('\n', spaces.Select(space => $"global using {space};")));
        BuildOutput = Build();
        TrainingOutput = Start(Output, "train");
    }

    /// <summary>Where this build's packages lie.</summary>
    public static string PackageFolder { get; } = typeof(PackedProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == "NuGetPackageRoot").Value!;

    /// <summary>TorchSharp's own native library, as its package brings it.</summary>
    public static string PackagedLibrary => Path.Combine(PackageFolder, "torchsharp", "0.107.0", Natives, "libLibTorchSharp.so");

    public static string Natives => Path.Combine("runtimes", "linux-x64", "native");

    /// <summary>What the first build said.</summary>
    public string BuildOutput { get; }

    /// <summary>What the program said when it was told to train; it leaves the files that its other command reads.</summary>
    public (int ExitCode, string Output) TrainingOutput { get; }

    public string Output => folder.File("app/bin/Debug/net10.0");

    public string Build(params string[] arguments)
    {
        (int code, string output) =
            Repository.Run("dotnet", ["build", folder.File("app/App.csproj"), "-nologo", "-nodeReuse:false", .. arguments]);
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>Runs the program of an output folder.</summary>
    public (int ExitCode, string Output) Start(string output, string command)
        => Repository.Run("dotnet", Path.Combine(output, "App.dll"), command, folder.Path);

    /// <summary>The output with its native files as links, so that one can be taken away or replaced.</summary>
    public string CopyOutput(string name, Action<string> change)
    {
        string copy = folder.File(name);
        Directory.CreateDirectory(Path.Combine(copy, Natives));
        foreach (string file in Directory.GetFiles(Output))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        foreach (string file in Directory.GetFiles(Path.Combine(Output, Natives)))
            File.CreateSymbolicLink(Path.Combine(copy, Natives, Path.GetFileName(file)), file);
        change(Path.Combine(copy, Natives));
        return copy;
    }

    public void Dispose() => folder.Dispose();

    private void Write(string name, string text) => File.WriteAllText(folder.File(name), text);

    /// <summary>The names of what the program's second command tries.</summary>
    public static IEnumerable<string> Entrances => EntranceName().Matches(Source).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^Try\(""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex EntranceName();

    private const string Source = """"
        using SixLabors.ImageSharp;
        using SixLabors.ImageSharp.PixelFormats;

        string At(string name) => Path.Combine(args[1], name);
        MoCoOptions options = MoCoOptions.Cifar with { Encoder = MoCoOptions.Cifar.Encoder with { Width = 0.125 },
            Queue = new() { Length = 32 }, BatchSize = 16, Epochs = 1 };

        if (args[0] == "train")
        {
            var random = new Random(1);
            Directory.CreateDirectory(At("images"));
            for (int i = 0; i < 32; i++)
            {
                var pixels = new byte[3 * 40 * 40];
                random.NextBytes(pixels);
                using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(pixels, 40, 40);
                image.SaveAsPng(At($"images/{i:00}.png"));
            }
            using var trainer = new MoCoTrainer(options);
            using var loader = new TwoCropLoader(ImageSources.Open(At("images")), AugmentationRecipe.Cifar(32), options.Loader());
            foreach (TwoCropBatch batch in loader.Epoch(0))
                using (batch)
                    Console.WriteLine(FormattableString.Invariant($"step {trainer.StepCount}: {trainer.Step(batch).Loss:F4}"));
            trainer.Save(At("moco.ckpt"));
            trainer.QueryEncoder.SaveEncoder(At("encoder.safetensors"));
            trainer.Method.SaveOfficial(At("official.pth"));
            using FeatureSet features =
                FeatureSet.Extract(trainer.QueryEncoder, ImageSources.Open(At("images")), AugmentationRecipe.Evaluation(32));
            using var index = new SimilarityIndex(features.Features, Enumerable.Range(0, 32).Select(i => $"{i}"));
            index.Save(At("images.index"));
            return 0;
        }
        if (args[0] == "fail")
        {
            using var trainer = new MoCoTrainer(options);
            return 0;
        }
        EncoderOptions network = options.Encoder;
        Try("MoCoTrainer", () => new MoCoTrainer(options));
        Try("MoCoTrainer.Resume", () => MoCoTrainer.Resume(At("moco.ckpt")));
        Try("Encoder.Create", () => Encoder.Create(network));
        Try("EncoderFiles.Open", () => EncoderFiles.Open(At("encoder.safetensors")));
        Try("ResNet", () => new ResNet(network));
        Try("ProjectionHead", () => new ProjectionHead(HeadKind.Linear, 8, 4));
        Try("SplitBatchNorm2d", () => new SplitBatchNorm2d(8, 2));
        Try("KeyQueue", () => new KeyQueue(8, 16));
        Try("TwoCropLoader", () => new TwoCropLoader(ImageSources.Open(At("images")), AugmentationRecipe.Cifar(32), options.Loader()));
        Try("SingleViewLoader", () => new SingleViewLoader(ImageSources.Open(At("images")), AugmentationRecipe.Evaluation(32)));
        Try("FeatureSet.Pixels", () => FeatureSet.Pixels(ImageSources.Open(At("images")), 8));
        Try("SimilarityIndex.Load", () => SimilarityIndex.Load(At("images.index")));
        Try("WeightFile, safetensors", () => First("encoder.safetensors"));
        Try("WeightFile, pth", () => First("official.pth"));
        return 0;

        IDisposable First(string name)
        {
            using WeightFile file = WeightFile.Open(At(name));
            return file.Tensors.Values.First().Read();
        }

        static void Try(string name, Func<IDisposable> entrance)
        {
            try
            {
                entrance().Dispose();
                Console.WriteLine($"{name}: done");
            }
            catch (Exception error)
            {
                Console.WriteLine($"{name}: {error.GetType().Name}: {error.Message}");
            }
        }
        """";
}
