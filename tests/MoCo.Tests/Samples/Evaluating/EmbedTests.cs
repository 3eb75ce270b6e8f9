using System.Text.Json.Nodes;
using MoCo.Evaluation.Features;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>Embeddings in a file, and images found by them.</summary>
public sealed class EmbedTests : EvaluateTests
{
    [Fact]
    public void Embed_writes_every_image_s_embedding_and_retrieval_finds_dark_by_dark()
    {
        string[] data = ["--data", folder.Path, "--size", "8"];
        Assert.Equal(0, Run(["embed", Weights, .. data, "--out", folder.File("e.safetensors"), "--embedding", "--batch", "20"]));
        (FeatureSet found, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(folder.File("e.safetensors"));
        using (found) Assert.Equal((64, 8), (found.Count, found.Dimension));
        Assert.Equal((64, 2), (names.Distinct().Count(), classes.Count));
        JsonNode embed = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/embed.json")))!;
        Assert.Equal((64, 0), (embed["images"]!.GetValue<int>(), embed["unreadable"]!.GetValue<int>()));
        Assert.Equal(2, Run(["embed", Weights, .. data]));
        Assert.Equal(2, Run(["embed", Weights, .. data, "--out", folder.Path]));

        Assert.Equal(0, Run(["retrieval", Weights, .. data, "--k", "1,7", "--csv", folder.File("r.csv")]));
        Assert.Equal(["images,queries,map,recall_1,recall_7", "64,64,1,1,1"], File.ReadAllLines(folder.File("r.csv")));
        Assert.Equal(2, Run(["retrieval", Weights, .. data, "--k", "0"]));
    }

    [Theory]
    [InlineData("e", 0)]
    [InlineData("e.safetensors", 0)]
    [InlineData("e.SafeTensors", 0)]
    [InlineData("e.parquet", 0)]
    [InlineData("e.npy", 2)]
    [InlineData("e.pth", 2)]
    public void Embed_writes_the_form_that_the_ending_says_or_names_those_that_there_are(string name, int code)
    {
        string said = Programs.Call("Evaluate", code, "embed", Weights, "--data", folder.Path, "--size", "8", "--out", folder.File(name));
        if (code == 2)
        {
            Assert.Contains($"--out is '{folder.File(name)}'; expected a name that ends in .safetensors or .parquet, ", said,
                StringComparison.Ordinal);
            Assert.False(File.Exists(folder.File(name)));
            return;
        }
        bool isTable = File.ReadAllBytes(folder.File(name)).AsSpan(0, 4).SequenceEqual("PAR1"u8);
        Assert.Equal(name.EndsWith(".parquet", StringComparison.Ordinal), isTable);
        if (isTable)
            Assert.Contains("is a Parquet file; expected a file of embeddings", Programs.Call(
                "Evaluate", 2, "map", "--embeddings", folder.File(name), "--html", folder.File("m.html")), StringComparison.Ordinal);
    }
}
