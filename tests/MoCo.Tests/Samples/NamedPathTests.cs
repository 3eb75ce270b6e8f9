using MoCo.Encoders;
using MoCo.Interop;

namespace MoCo.Tests.Samples;

/// <summary>Flags that want a file and are given a folder, and the reverse, and those that name what is not there.</summary>
public sealed class NamedPathTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public NamedPathTests()
    {
        Directory.CreateDirectory(folder.File("dir"));
        File.WriteAllText(folder.File("file"), "a text");
        using Encoder encoder = Encoder.Create(
            new EncoderOptions { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, Width = 0.0625, EmbeddingDimension = 8 });
        encoder.SaveEncoder(folder.File("e.safetensors"));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Pretrain", "--replay @dir", "--replay is @dir, a folder; expected a batch that a run wrote into its folder bad, ")]
    [InlineData("Pretrain", "--replay @none", "--replay is @none, and there is no such file; expected a batch that a run wrote into ")]
    [InlineData("Pretrain", "--replay @file", "--replay can't be used: @file is ")]
    [InlineData("Pretrain", "--data @dir --out @file", "--out is @file, a file; expected a folder, there or to be made.")]
    [InlineData("Pretrain", "--data @dir --out @file/a/b", "--out is @file/a/b, and @file is a file; expected a folder, there or to be")]
    [InlineData("Pretrain", "--out @file --resume", "--out is @file, a file; expected a folder, there or to be made.")]
    [InlineData("Pretrain", "--out @run --resume @dir", "--resume is @dir, a folder; expected a checkpoint's file, or ")]
    [InlineData("Pretrain", "--out @run --options @dir", "--options is @dir, a folder; expected a file of options, ")]
    [InlineData("Pretrain", "--out @run --options @none", "--options is @none, and there is no such file; expected a file of options, ")]
    [InlineData("Pretrain", "--out @run --data @dir --init @none", "--init is @none, and there is no such file or folder.")]
    [InlineData("Quickstart", "@dir --out @file", "--out is @file, a file; expected a folder, there or to be made.")]
    [InlineData("Lab", "--data @dir --out @file", "--out is @file, a file; expected a folder, there or to be made.")]
    [InlineData("MakeShards", "@file @run", "FOLDER is @file, a file; expected a folder of images.")]
    [InlineData("MakeShards", "@none @run", "FOLDER is @none, and there is no such folder; expected a folder of images.")]
    [InlineData("ShowViews", "@none", "@none: no such file or folder")]
    [InlineData("ShowViews", "@dir --out @dir", "--out is '@dir', a folder; expected the name of a file in a folder that exists.")]
    [InlineData("Search", "index @file --encoder @e.safetensors", "DIR is @file, a file; expected a folder of images.")]
    [InlineData("Search", "index @dir --encoder @none", "@none: no such file or folder; expected a run's folder or a file of an ")]
    [InlineData("Search", "index @dir --encoder @dir", "@dir has no whole checkpoint and no backbone.safetensors; expected ")]
    [InlineData("Search", "index @dir --encoder @e.safetensors --out @dir", "--out is '@dir', a folder; expected the name of a file")]
    [InlineData("Search", "query @dir", "IMAGE is @dir, a folder; expected an image.")]
    [InlineData("Search", "query @none", "IMAGE is @none, and there is no such file; expected an image.")]
    [InlineData("Search", "duplicates --index @dir", "--index is @dir, a folder; expected an index that `search index` wrote.")]
    [InlineData("Search", "duplicates --index @none", "--index is @none, and there is no such file; expected an index that ")]
    [InlineData("Search", "duplicates --index @file", "the index's JSON is @file.json, and there is no such file; expected it beside the ")]
    [InlineData("Runs", "@file", "@file is no folder; expected one of runs.")]
    [InlineData("Evaluate", "inspect @none", "@none: no such file or folder; expected a run's folder or a file of an encoder's weights.")]
    [InlineData("Evaluate", "knn @e.safetensors --data @none", "@none: no such file or folder")]
    [InlineData("Evaluate", "knn @e.safetensors --data @file", "@file is a file of an unknown kind; expected a folder of images ")]
    [InlineData("Evaluate", "knn @e.safetensors --data @dir --json @dir", "--json is '@dir', a folder; expected the name of a file in ")]
    [InlineData("Evaluate", "knn @e.safetensors --data @dir --csv @none/c.csv", "--csv is '@none/c.csv', whose folder does not exist; ")]
    [InlineData("Evaluate", "export @e.safetensors @dir", "OUT is '@dir', a folder; expected the name of a file in a folder that exists.")]
    [InlineData("Evaluate", "map --embeddings @dir --html @m.html", "--embeddings is @dir, a folder; expected a safetensors file ")]
    [InlineData("Evaluate", "map --embeddings @none --html @m.html", "--embeddings is @none, and there is no such file; expected a ")]
    [InlineData("Evaluate", "map --embeddings @file --html @m.html", "@file is ")]
    [InlineData("Evaluate", "map --embeddings @file --html @dir", "--html is '@dir', a folder; expected the name of a file in ")]
    public void The_flag_is_named_and_what_it_wants(string program, string arguments, string message)
    {
        string said = Programs.Call(program, 2, Placed(arguments).Split(' '));
        Assert.Contains(Placed(message), said, StringComparison.Ordinal);
        Assert.DoesNotContain("Could not find", said, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.File("run")));
    }

    private string Placed(string text) => text.Replace("@", folder.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
