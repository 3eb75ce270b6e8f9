using MoCo.Encoders;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>Runs on other backbones than ResNets.</summary>
public sealed class BackboneRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_vision_transformer_is_trained_by_MoCo_v3_with_a_flag()
    {
        SmallRun.Finish([.. Flags("vit-small"), "--preset", "v3", "--width", "0.0625", "--dim", "16", "--hidden-dim", "24",
            "--view-size", "16"]);
        Assert.Contains("\"arch\": \"vitsmall\"", File.ReadAllText(small.Folder.Options), StringComparison.Ordinal);
        using Encoder trained = MoCo.Interop.EncoderFiles.Open(small.Folder.Backbone);
        Assert.Equal((Backbone.ViTSmall, 32), (trained.Options!.Backbone, trained.Options.FeatureDimension));
    }

    [Fact]
    public void Views_and_options_that_a_backbone_has_no_use_for_are_refused_by_their_flags()
    {
        Assert.Contains("views of 16 pixels; expected 32 or more, with --arch convnexttiny",
            SmallRun.Refusal([.. Flags("convnexttiny"), "--bn-splits", "1", "--width", "0.0625"]), StringComparison.Ordinal);
        string refusal = SmallRun.Refusal([.. Flags("vitbase"), "--stem", "smallimage"]);
        Assert.Contains("--stem is smallimage; expected imagenet with --arch vitbase", refusal, StringComparison.Ordinal);
        Assert.Contains("--bn-splits is 8; expected 1 with --arch vitbase", refusal, StringComparison.Ordinal);
    }

    private string[] Flags(string backbone) => ["--data", small.Data, "--out", small.Folder.Root, "--arch", backbone,
        "--batch-size", "24", "--epochs", "1", "--threads", "1", "--workers", "1", "--queue", "48", "--knn-every", "0", "--plain"];
}
