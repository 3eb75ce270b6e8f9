using MoCo.Interop;

namespace Samples.Encoders;

/// <summary>An encoder out of any file of weights, with the views that it is shown.</summary>
internal sealed class OpenedEncoder : IDisposable
{
    private readonly EncoderChoice choice;

    private OpenedEncoder(EncoderChoice choice, Encoder encoder, WeightLayout layout, WeightParts parts)
    {
        (this.choice, Encoder, Layout, Parts) = (choice, encoder, layout, parts);
        Options = ((ResNet)encoder.Backbone).Options;
        ViewSettings view = ViewSettings.For(choice, Options);
        (Size, Normalization) = (view.Size, view.Normalization);
        Encoder.to(choice.Device);
    }

    /// <summary>Backbone and head, on the device asked for.</summary>
    public Encoder Encoder { get; }

    /// <summary>What the backbone is built from.</summary>
    public MoCo.Encoders.EncoderOptions Options { get; }

    /// <summary>Whose names the file has.</summary>
    public WeightLayout Layout { get; }

    /// <summary>What the file has.</summary>
    public WeightParts Parts { get; }

    /// <summary>Width and height of a view.</summary>
    public int Size { get; }

    /// <summary>The pixels' statistics.</summary>
    public Normalize Normalization { get; }

    /// <summary>The part whose output counts: the backbone, or backbone and head.</summary>
    public nn.Module<Tensor, Tensor> Network => choice.Embedding ? Encoder : Encoder.Backbone;

    /// <summary>What that output is called.</summary>
    public string Output => choice.Embedding ? "embedding" : "features";

    /// <summary>The view that measurements use.</summary>
    public AugmentationRecipe Views => AugmentationRecipe.Evaluation(Size, Normalization);

    /// <summary>The encoder in a line.</summary>
    public string Summary => $"{Architecture(Options)}, {Dimension} {(choice.Embedding ? "numbers of the embedding" : "features")} "
        + $"of views of {Size}×{Size}";

    /// <summary>Numbers for an image.</summary>
    public int Dimension => choice.Embedding
        ? ((ProjectionHead)Encoder.Head).EmbeddingDimension
        : ((ResNet)Encoder.Backbone).FeatureDimension;

    /// <summary>Opens the file.</summary>
    /// <exception cref="UsageException">The embedding is asked for of a file without a head.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of no network that the library builds.</exception>
    public static OpenedEncoder Open(EncoderChoice choice)
    {
        WeightLayout layout;
        WeightParts parts;
        using (WeightFile file = WeightFile.Open(choice.Path)) (layout, parts) = (file.Layout, file.Parts);
        UsageException.ThrowIf(
            choice.Embedding && !parts.HasFlag(WeightParts.Head),
            $"{choice.Path} has no projection head, so there is no --embedding to take; expected a file with one.");
        Encoder encoder = EncoderFiles.Open(choice.Path, choice.Stem);
        encoder.eval();
        return new OpenedEncoder(choice, encoder, layout, parts);
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
    /// <param name="images">A source or a stream.</param>
    /// <param name="recipe">Null: the evaluation view.</param>
    /// <param name="options">Null: in the images' order, in batches as asked for.</param>
    public SingleViewLoader Loader(IImageSet images, AugmentationRecipe? recipe = null, LoaderOptions? options = null)
    {
        recipe ??= Views;
        options ??= new LoaderOptions { BatchSize = choice.BatchSize, Shuffle = false, PrefetchBatches = 3 };
        options = options with { Workers = choice.Workers, MaximumErrorShare = choice.MaximumErrorShare };
        return new SingleViewLoader(images, recipe, options, choice.Device);
    }

    /// <summary>The output for each image.</summary>
    public FeatureSet Extract(SingleViewLoader loader, CancellationToken stop) => FeatureExtractor.Extract(Network, loader, stop);

    public void Dispose() => Encoder.Dispose();
}
