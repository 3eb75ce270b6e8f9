using MoCo.Contrast.Losses;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>The end-to-end mechanism (He et al. 2019, Fig. 2a): query and key encoder both learn by gradient, and the dictionary is the
/// batch: a query's negatives are the other images' keys. With one encoder and both directions at once it is SimCLR (Chen et al. 2020):
/// NT-Xent over the 2N embeddings.</summary>
internal sealed class EndToEndContrast : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly Encoder? encoder_k;
    private readonly LossOptions loss;
    private readonly int batchSize;

    /// <summary>Joins two encoders that both learn; the method owns them.</summary>
    /// <param name="query">f_q, on the device to train on.</param>
    /// <param name="key">f_k; null: SimCLR, one encoder for both views and NT-Xent.</param>
    /// <param name="batchSize">Images in a batch, at least 2: what <see cref="ChanceLoss"/> is computed from.</param>
    /// <param name="loss">τ and, with two encoders, symmetry; null takes the defaults.</param>
    /// <exception cref="ArgumentException">One encoder is given twice, or a symmetric loss is asked for with one encoder.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 2.</exception>
    internal EndToEndContrast(Encoder query, Encoder? key, int batchSize, LossOptions? loss = null)
        : base(nameof(EndToEndContrast))
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 2);
        if (ReferenceEquals(query, key))
            throw new ArgumentException("The key encoder is the query encoder; expected null for one.", nameof(key));
        this.loss = loss ?? new LossOptions();
        if (key is null && this.loss.Symmetric != SymmetricLoss.Off)
            throw new ArgumentException("Symmetric is set; expected Off with one encoder: NT-Xent goes both ways.", nameof(loss));
        (encoder_q, encoder_k, this.batchSize) = (query, key, batchSize);
        RegisterComponents();
    }

    public override Encoder QueryEncoder => encoder_q;

    public override Encoder KeyEncoder => encoder_k ?? encoder_q;

    internal override Encoder? OtherEncoder => encoder_k;

    public override bool TrainsAcrossRanks => true;

    /// <summary>Both encoders.</summary>
    public override nn.Module Trainable => this;

    public override double ChanceLoss => encoder_k is null ? Math.Log(2.0 * batchSize - 1)
        : (loss.Symmetric == SymmetricLoss.Sum ? 2 : 1) * Math.Log(batchSize);

    public override ContrastiveLoss Forward(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        if (encoder_k is null)
        {
            // One pass over both views, so that BatchNorm sees all 2N, as in the authors' code.
            Tensor both = cat([input.Query, input.Key], 0);
            input.Announce?.Invoke(both, input.Labels);
            Tensor[] halves = Embed(encoder_q, both).chunk(2, 0);
            input.Show(halves[0], halves[1]);
            return InBatchContrast.NtXent(halves[0], halves[1], loss.Temperature).MoveToOuterDisposeScope();
        }
        Tensor q = Embed(encoder_q, input.Query), k = Embed(encoder_k, input.Key);
        input.Show(q, k);
        ContrastiveLoss first = InBatchContrast.OfKeys(q, k, loss.Temperature);
        if (loss.Symmetric == SymmetricLoss.Off) return first.MoveToOuterDisposeScope();
        ContrastiveLoss second = InBatchContrast.OfKeys(
            Embed(encoder_q, input.Key), Embed(encoder_k, input.Query), loss.Temperature);
        return ContrastiveLoss.Combine(first, second, mean: loss.Symmetric == SymmetricLoss.Mean).MoveToOuterDisposeScope();

        Tensor Embed(Encoder encoder, Tensor x) => nn.functional.normalize(WholeBatch.Embed(input.Group, encoder, x), dim: 1);
    }
}
