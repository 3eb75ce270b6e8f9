using System.Text.RegularExpressions;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Imaging;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Tests.Distributed;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace MoCo.Tests.Packaging;

/// <summary>README's code is the code below between the marks: what compiles and runs here, compiles and runs for its reader.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void READMEs_code_is_the_code_that_these_tests_compile_and_run()
    {
        string readme = File.ReadAllText(Repository.File("README.md"));
        string source = string.Concat(new[] { "ReadmeTests.cs", "ReadmeTests.OwnNetwork.cs" }
            .Select(name => File.ReadAllText(Repository.File("tests", "MoCo.Tests", "Packaging", name))));
        string[][] blocks = [.. CodeBlock().Matches(readme).Select(match => Lines(match.Groups[1].Value))];
        string[][] compiled = [.. CompiledCode().Matches(source).Select(match => Lines(match.Groups[1].Value))];
        Assert.Equal(Regex.Count(readme, "```csharp"), blocks.Length);
        Assert.Equal(compiled, blocks);
    }

    [Fact]
    public void READMEs_code_trains_saves_and_resumes()
    {
        using TemporaryFolder temporary = new TemporaryFolder();
        string[] lines = RunIn(temporary, Run).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^epoch [1-5]: loss \d", line));
        using MoCoTrainer resumed = MoCoTrainer.Resume(temporary.File("moco.ckpt"));
        Assert.Equal((5, 10L), (resumed.Epoch, resumed.StepCount));
        using Encoder other = Encoder.Create(resumed.Options.Encoder, seed: 1);
        other.LoadBackbone(temporary.File("backbone.safetensors"));
        foreach ((string name, TorchSharp.torch.Tensor value) in resumed.QueryEncoder.Backbone.state_dict())
            Fixture.Near(value, other.Backbone.state_dict()[name], 0, name);
    }

    private static void Run()
    {
        // README
        var images = ImageSources.Open("photos");                             // class folders or none, any depth, any sizes
        var encoder = MoCoOptions.Cifar.Encoder with { Width = 0.25 };
        using var trainer = new MoCoTrainer(MoCoOptions.Cifar with { Encoder = encoder, BatchSize = 64, Epochs = 5 });
        using var loader = new TwoCropLoader(images, AugmentationRecipe.Cifar(32), trainer.Options.Loader());
        for (; !trainer.IsDone; Console.WriteLine(trainer.EndEpoch().Health()))
            foreach (var batch in loader.Epoch(trainer.Epoch, trainer.Batch))
                using (batch) trainer.Step(batch);
        trainer.Save("moco.ckpt");                                            // everything, to resume bit for bit
        trainer.QueryEncoder.SaveBackbone("backbone.safetensors");            // torchvision's names: Python reads it
        // README
    }

    [Fact]
    public void READMEs_code_for_many_processes_trains_in_two()
    {
        using TemporaryFolder temporary = new TemporaryFolder();
        WriteImages(temporary);
        JobEnd end = MpiLaunch.Run(MpiLaunch.Task(MpiLaunch.Mpich, 2, ["readme", temporary.Path]));
        Assert.True(end.Code == 0, $"{end}");
        using MoCoTrainer resumed = MoCoTrainer.Resume(temporary.File("moco.ckpt"));
        Assert.Equal((1, 2L), (resumed.Epoch, resumed.StepCount));
    }

    /// <summary>README's code as one of many processes runs it.</summary>
    internal static void RunAsRank(string folder)
    {
        Directory.SetCurrentDirectory(folder);
        IImageSet images = ImageSources.Open("photos");
        EncoderOptions encoder = MoCoOptions.Cifar.Encoder with { Width = 0.25 };
        MoCoOptions options = MoCoOptions.Cifar with { Encoder = encoder, BatchSize = 64, Epochs = 1 };
        // README
        var group = ProcessGroup.FromEnvironment();                           // one process alone where nothing launched many
        using var trainer = new MoCoTrainer(options, group: group);           // every rank, with the same options
        using var loader = new TwoCropLoader(images, AugmentationRecipe.Cifar(32), options.Loader(group));
        trainer.Fit(loader);
        trainer.Save("moco.ckpt");                                            // every rank calls, rank 0 writes
        group.Complete();                                                     // a process that ends without it ends all
        // README
    }

    /// <summary>What code prints in a folder with images.</summary>
    private static string RunIn(TemporaryFolder temporary, Action code)
    {
        WriteImages(temporary);
        string before = Directory.GetCurrentDirectory();
        TextWriter console = Console.Out;
        using StringWriter printed = new StringWriter();
        try
        {
            Directory.SetCurrentDirectory(temporary.Path);
            Console.SetOut(printed);
            code();
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(before);
        }
        return printed.ToString();
    }

    /// <summary>The code without its <c>using</c> directives, which the test has at its head; white space does not count.</summary>
    private static string[] Lines(string code)
        => [.. code.Split('\n').Select(line => WhiteSpace().Replace(line.Trim(), " "))
            .Where(line => line.Length > 0 && !Directive().IsMatch(line))];

    /// <summary>100 images of noise in two class folders: a full batch and a partial one.</summary>
    private static void WriteImages(TemporaryFolder folder)
    {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            string path = folder.File($"photos/{(i % 2 == 0 ? "a" : "b")}/{i}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            (int width, int height) = (30 + i % 7, 40 - i % 5);
            byte[] pixels = new byte[3 * width * height];
            random.NextBytes(pixels);
            using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(pixels, width, height);
            image.SaveAsPng(path);
        }
    }

    // README
    private sealed class Negative : AugmentationStep
    {
        public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
        {
            if (!random.NextBoolean(0.1)) return;                             // all randomness from here: the same view every time
            foreach (ref byte value in image.Pixels) value = (byte)(255 - value);
            scratch.Trace?.Add((nameof(Negative), "done"));
        }
    }

    private static readonly AugmentationRecipe Views = AugmentationRecipe.V2(224).Then(new Negative());
    // README

    [Fact]
    public void READMEs_own_step_turns_about_a_tenth_of_the_views_into_negatives()
    {
        ImageBuffer image = new ImageBuffer();
        image.Resize(8, 8, 3);
        image.Pixels.Fill(200);
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch scratch = new AugmentationScratch { Trace = trace };
        float[] values = new float[3 * 224 * 224];
        int negatives = 0;
        for (int index = 0; index < 500; index++)
        {
            trace.Clear();
            SampleRandom random = new SampleRandom(0, 0, index, 0);
            Views.Apply(image, values, scratch, ref random);
            if (trace.Any(entry => entry.Step == nameof(Negative))) negatives++;
        }
        Assert.InRange(negatives, 25, 80);
    }

    [GeneratedRegex(@"<!-- compiled by tests -->\s*```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^ +// README\r?\n(.*?)^ +// README\r?\n", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CompiledCode();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"^using (static )?[\w.]+;$")]
    private static partial Regex Directive();
}
