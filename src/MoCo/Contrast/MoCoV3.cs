using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Contrast;

/// <summary>MoCo v3 (Chen, Xie and He 2021, Algorithm 1) for any backbone: no queue, the other keys of the batch are the negatives; both
/// views serve as query; a predictor behind the query encoder; the momentum rises to 1 along half a cosine.</summary>
/// <remarks>As in the official code: ctr(q₁, k₂) + ctr(q₂, k₁) with ctr(q, k) = 2τ·CrossEntropy(q·kᵀ/τ, arange). With small views each ctr
/// is the mean over its key's queries, the large one and the small ones; the measures are the large query's.</remarks>
internal sealed class MoCoV3 : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly Encoder encoder_k;
    private readonly Learning learning;
    private readonly MomentumUpdate momentumUpdate;
    private readonly Tensor[] flatBuffers;
    private readonly double temperature;
    private readonly int batchSize;

    /// <summary>Joins two encoders and a predictor; the method owns them.</summary>
    /// <param name="query">f_q with its projector (<see cref="BatchNormMlp"/>), on the device to train on.</param>
    /// <param name="key">f_k, of the same architecture; it starts as an exact copy of f_q and never needs a gradient.</param>
    /// <param name="predictor">Embeddings → embeddings, behind f_q only.</param>
    /// <param name="batchSize">Images in a batch, at least 2: what <see cref="ChanceLoss"/> is computed from.</param>
    /// <param name="momentum">m at the beginning, 0–1; 0.99 in the paper.</param>
    /// <param name="temperature">τ, above 0; 1.0 in the official code for ResNets, 0.2 for vision transformers.</param>
    /// <param name="finalMomentum">m at the end, 0–1.</param>
    /// <exception cref="ArgumentException">The encoders differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    internal MoCoV3(Encoder query, Encoder key, nn.Module<Tensor, Tensor> predictor, int batchSize, double momentum = 0.99,
        double temperature = 1.0, double finalMomentum = 1)
        : base(nameof(MoCoV3))
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 2);
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw OutOfRange.Of(temperature, "expected a finite number above 0.");
        (encoder_q, encoder_k, this.batchSize, this.temperature) = (query, key, batchSize, temperature);
        learning = new Learning(query, predictor);
        momentumUpdate = new MomentumUpdate(query, key, momentum) { Final = finalMomentum };
        KeyStart.Copy(query, key);
        flatBuffers = FlatBuffers.Of(learning);
        register_module(nameof(encoder_q), encoder_q);
        register_module(nameof(predictor), predictor);
        register_module(nameof(encoder_k), encoder_k);
    }

    public override Encoder QueryEncoder => encoder_q;

    public override Encoder KeyEncoder => encoder_k;

    /// <summary>The head behind f_q alone.</summary>
    internal nn.Module<Tensor, Tensor> Predictor => learning.Predictor;

    internal override Encoder OtherEncoder => encoder_k;

    public override bool TrainsAcrossRanks => true;

    public override bool TakesSmallViews => true;

    /// <summary>f_q and the predictor.</summary>
    public override nn.Module Trainable => learning;

    public override double ChanceLoss => 2 * (2 * temperature * Math.Log(batchSize));

    /// <summary>m at a share of the run: 1 − ½(1 + cos π·share)·(1 − m₀), unless it ends at another than 1.</summary>
    internal double MomentumAt(double progress) => momentumUpdate.At(progress);

    public override ContrastiveLoss Forward(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        momentumUpdate.UpdateAt(input.Progress);
        Tensor k1, k2;
        using (no_grad()) (k1, k2) = (Key(input.Query), Key(input.Key));
        Tensor q1 = Query(input.Query), q2 = Query(input.Key);
        Tensor? small = MultiCrop.Embed(input, flatBuffers, Query);
        input.Show(q1, k2);
        ContrastiveLoss both = ContrastiveLoss.Combine(Contrast(q1, k2), Contrast(q2, k1), mean: false);
        using Scalar factor = (2 * temperature).ToScalar();
        return new ContrastiveLoss(both.Loss.mul(factor), both.Accuracy, both.PositiveSimilarity, both.NegativeSimilarity, both.Spread)
            .MoveToOuterDisposeScope();

        ContrastiveLoss Contrast(Tensor q, Tensor k)
        {
            ContrastiveLoss large = InBatchContrast.OfKeys(q, k, temperature);
            return small is null ? large
                : MultiCrop.Mean(large, InBatchContrast.OfKeys(small, k, temperature), input.SmallViews.Count);
        }

        Tensor Key(Tensor x) => Unit(WholeBatch.Embed(input.Group, encoder_k, x));

        // The predictor's BatchNorm, too, sees the whole batch.
        Tensor Query(Tensor x) => Unit(learning.Predictor.call(WholeBatch.Embed(input.Group, encoder_q, x)));
    }

    /// <summary>Frees the encoders and the predictor.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            momentumUpdate.Dispose();
            foreach (Tensor buffers in flatBuffers) buffers.Dispose();
        }
        base.Dispose(disposing);
    }

    private static Tensor Unit(Tensor x) => nn.functional.normalize(x, dim: 1);

    /// <summary>What learns by gradient. It lies beside the method's own modules, not among them: their names stay the official
    /// code's.</summary>
    private sealed class Learning : nn.Module
    {
        private readonly Encoder encoder_q;
        private readonly nn.Module<Tensor, Tensor> predictor;

        public Learning(Encoder encoder_q, nn.Module<Tensor, Tensor> predictor)
            : base(nameof(Learning))
        {
            (this.encoder_q, this.predictor) = (encoder_q, predictor);
            RegisterComponents();
        }

        public nn.Module<Tensor, Tensor> Predictor => predictor;
    }
}
