using System.Text.RegularExpressions;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Tests.Data;

namespace MoCo.Tests.Packaging;

/// <summary>README's code is the code below between the marks: what compiles and runs here, compiles and runs for its reader.</summary>
public sealed partial class ReadmeTests
{
    private const string Mark = "<!-- compiled by tests -->";

    [SkippableFact]
    public void READMEs_code_is_the_code_that_this_test_compiles_and_runs()
    {
        string readme = File.ReadAllText(Repository.File("README.md"));
        Skip.IfNot(readme.Contains("```csharp", StringComparison.Ordinal), "README.md has no code yet");
        Assert.True(readme.Contains(Mark, StringComparison.Ordinal), $"README.md has code, but nowhere the mark {Mark} before it");
        Match block = CodeBlock().Match(readme);
        Assert.True(block.Success, $"README.md has no ```csharp block right after {Mark}");
        string source = File.ReadAllText(Repository.File("tests", "MoCo.Tests", "Packaging", "ReadmeTests.cs"));
        Match compiled = CompiledCode().Match(source);
        Assert.Equal(Lines(compiled.Groups[1].Value), Lines(block.Groups[1].Value));
    }

    [Fact]
    public void READMEs_code_trains_saves_and_resumes()
    {
        using var temporary = new TemporaryFolder();
        WriteIdx(temporary);
        string before = Directory.GetCurrentDirectory();
        TextWriter console = Console.Out;
        using var printed = new StringWriter();
        try
        {
            Directory.SetCurrentDirectory(temporary.Path);
            Console.SetOut(printed);
            Run(temporary.Path);
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(before);
        }

        string[] lines = printed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^epoch [1-5]: loss \d", line));
        using MoCoTrainer resumed = MoCoTrainer.Resume(temporary.File("moco.ckpt"));
        Assert.Equal((5, 10L), (resumed.Epoch, resumed.StepCount));
        using Encoder other = Encoder.Create(resumed.Options.Encoder(), HeadKind.Linear, seed: 1);
        other.LoadBackbone(temporary.File("backbone.safetensors"));
        foreach ((string name, TorchSharp.torch.Tensor value) in resumed.QueryEncoder.Backbone.state_dict()) Fixture.Near(value, other.Backbone.state_dict()[name], 0, name);
    }

    private static void Run(string folder)
    {
        // README
        using var trainer = new MoCoTrainer(MoCoOptions.Cifar with { InputChannels = 1, Width = 0.25, BatchSize = 256, Epochs = 5 });
        using var loader = new TwoCropLoader(IdxImages.Load(folder, IdxSplit.Train), AugmentationRecipe.Grey(28), trainer.Options.Loader());
        for (; trainer.Epoch < trainer.Options.Epochs; Console.WriteLine(trainer.EndEpoch().Health()))
            foreach (var batch in loader.Epoch(trainer.Epoch, trainer.Batch))
                using (batch) trainer.Step(batch);
        trainer.Save("moco.ckpt");                                         // everything, to resume bit for bit
        trainer.QueryEncoder.SaveBackbone("backbone.safetensors");         // torchvision's names: Python reads it
        // README
    }

    /// <summary>The code without its <c>using</c> directives, which the test has at its head; white space does not count.</summary>
    private static string[] Lines(string code)
        => [.. code.Split('\n').Select(line => WhiteSpace().Replace(line.Trim(), " ")).Where(line => line.Length > 0 && !Directive().IsMatch(line))];

    /// <summary>300 pictures of 28×28 noise: a full batch and a partial one.</summary>
    private static void WriteIdx(TemporaryFolder folder)
    {
        var pixels = new byte[300 * 28 * 28];
        new Random(1).NextBytes(pixels);
        folder.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 1, 44, 0, 0, 0, 28, 0, 0, 0, 28, .. pixels]);
        folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 1, 44, .. Enumerable.Range(0, 300).Select(i => (byte)(i % 10))]);
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
