using MoCo.Interop;

namespace Samples.Encoders;

/// <summary>An encoder out of any file of weights, with the views that it is shown.</summary>
/// <param name="Encoder">Backbone and head, on the device asked for.</param>
/// <param name="Layout">Whose names the file has.</param>
/// <param name="Parts">What the file has.</param>
/// <param name="Size">Width and height of a view.</param>
/// <param name="Normalization">The pixels' statistics.</param>
internal sealed record OpenedEncoder(
    EncoderChoice Choice, Encoder Encoder, WeightLayout Layout, WeightParts Parts, int Size, Normalize Normalization) : IDisposable
{
    /// <summary>What the backbone is built from.</summary>
    public MoCo.Encoders.EncoderOptions Options => Encoder.Options!;

    /// <summary>The part whose output counts: the backbone, or backbone and head.</summary>
    public nn.Module<Tensor, Tensor> Network => Choice.Embedding ? Encoder : Encoder.Backbone;

    /// <summary>Whether the file says what the embedding is: by a head's weights, or that it takes the first features.</summary>
    public bool HasHead => Parts.HasFlag(WeightParts.Head) || Encoder.Head is ProjectionHead { Kind: HeadKind.Direct };

    /// <summary>What that output is called.</summary>
    public string Output => Choice.Embedding ? "embedding" : "features";

    /// <summary>The view that measurements use.</summary>
    public AugmentationRecipe Views => AugmentationRecipe.Evaluation(Size, Normalization);

    /// <summary>The views as a file's metadata hold them.</summary>
    public Dictionary<string, string> ViewFacts => ViewSettings.Facts(Size, Normalization);

    /// <summary>The encoder in a line.</summary>
    public string Summary => $"{Architecture(Options)}, {Dimension} {(Choice.Embedding ? "numbers of the embedding" : "features")} "
        + $"of views of {Size}×{Size}";

    /// <summary>Numbers for an image.</summary>
    public int Dimension => Choice.Embedding ? Options.EmbeddingDimension : Options.FeatureDimension;

    /// <summary>Opens the file.</summary>
    /// <exception cref="UsageException">The embedding is asked for of a file without a head.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of no network that the library builds.</exception>
    public static OpenedEncoder Open(EncoderChoice choice)
    {
        using WeightFile file = WeightFile.Open(choice.Path);
        Encoder encoder = EncoderFiles.Open(choice.Path, choice.Stem);
        encoder.to(choice.Device);
        encoder.eval();
        (int size, Normalize normalization) = ViewSettings.For(choice, encoder.Options!, file.Metadata);
        OpenedEncoder opened = new(choice, encoder, file.Layout, file.Parts, size, normalization);
        UsageException.ThrowIf(
            choice.Stem is { } stem && stem != encoder.Options!.Stem,
            $"--stem has no effect on {choice.Path}, which says that it is of {encoder.Options!.Stem}; expected it without.");
        UsageException.ThrowIf(
            choice.Embedding && !opened.HasHead,
            $"{choice.Path} has no projection head, so there is no --embedding to take; expected a file with one.");
        return opened;
    }

    /// <summary>An architecture in words.</summary>
    public static string Architecture(MoCo.Encoders.EncoderOptions options)
    {
        string width = options.Width == 1 ? "" : $" of width {options.Width}", channels = options.InputChannels == 1 ? "grey" : "color";
        return $"{options.Backbone}{width}, {channels}{(options.Stem == Stem.ImageNet ? "" : $", stem {options.Stem}")}";
    }

    /// <summary>Any images, in the encoder's channels.</summary>
    public IImageSet Adapt(IImageSet images) => ChannelAdapter.For(images, Options.InputChannels);

    /// <summary>A loader of views of images that have the encoder's channels.</summary>
    /// <param name="recipe">Null: the evaluation view.</param>
    /// <param name="options">Null: in the images' order, in batches as asked for.</param>
    public SingleViewLoader Loader(IImageSet images, AugmentationRecipe? recipe = null, LoaderOptions? options = null) =>
        new(images, recipe ?? Views, With(options ?? new() { BatchSize = Choice.BatchSize, Shuffle = false, PrefetchBatches = 3 }),
            Choice.Device);

    /// <summary>The output for each image.</summary>
    public FeatureSet Extract(SingleViewLoader loader, CancellationToken stop) => FeatureSet.Extract(Network, loader, stop);

    private LoaderOptions With(LoaderOptions options) =>
        options with { Workers = Choice.Workers, MaximumErrorShare = Choice.MaximumErrorShare, DecodeSmaller = Choice.DecodeSmaller };

    public void Dispose() => Encoder.Dispose();
}
