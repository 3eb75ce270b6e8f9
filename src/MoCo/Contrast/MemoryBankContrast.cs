using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>The memory bank (He et al. 2019, Fig. 2b; Wu et al. 2018): one encoder, and for every training sample a row that follows its
/// embeddings. A query's positive is its sample's row, its negatives are rows drawn uniformly. The second view is not looked at.</summary>
internal sealed class MemoryBankContrast : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly MemoryBank memory;
    private readonly NoiseContrast? noise;
    private readonly InfoNce infoNce;
    private readonly int negatives;
    private readonly long visits;
    private readonly Scalar keep, take;
    private (Tensor Indices, Tensor Embeddings)? pending;

    /// <summary>Joins an encoder and a bank; the method owns them.</summary>
    /// <param name="query">The encoder, on the device to train on.</param>
    /// <param name="bank">The bank, as wide as the embeddings, of their type, on the same device.</param>
    /// <param name="options">Negatives, momentum, loss; its samples are the bank's.</param>
    /// <param name="loss">τ; null takes the defaults. A bank's loss is not symmetric.</param>
    /// <exception cref="ArgumentException">The options have errors, or a symmetric loss is asked for.</exception>
    internal MemoryBankContrast(Encoder query, MemoryBank bank, MemoryBankOptions? options = null, LossOptions? loss = null)
        : base(nameof(MemoryBankContrast))
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(bank);
        options = (options ?? new MemoryBankOptions()) with { Samples = bank.Samples };
        OptionErrors errors = new(nameof(MemoryBankOptions));
        options.Check(errors);
        errors.ThrowIfAny();
        loss ??= new LossOptions();
        if (loss.Symmetric != SymmetricLoss.Off)
            throw new ArgumentException(
                $"Symmetric is {loss.Symmetric}; expected Off: a memory bank has one view of a sample.", nameof(loss));
        (encoder_q, memory, negatives) = (query, bank, options.Negatives);
        infoNce = new InfoNce(loss.Temperature, loss.BlockLogits);
        if (options.Loss == MemoryBankLoss.Nce)
        {
            Tensor values = Parameters.Values;
            noise = new NoiseContrast(bank.Samples, loss.Temperature, values.device, values.dtype);
        }
        visits = options.Momentum > 0 ? Math.Max(1, (long)Math.Ceiling(Math.Log(1.0 / 16) / Math.Log(options.Momentum))) : 1;
        (keep, take) = (options.Momentum.ToScalar(), (1 - options.Momentum).ToScalar());
        RegisterComponents();
    }

    public override Encoder QueryEncoder => encoder_q;

    public override bool TrainsAcrossRanks => true;

    /// <summary>The rows.</summary>
    internal MemoryBank Bank => memory;

    /// <summary>Of InfoNCE ln(m + 1); of NCE what a model loses that gives every row the probability of noise.</summary>
    public override double ChanceLoss
    {
        get
        {
            if (noise is null) return Math.Log(negatives + 1.0);
            double share = (double)negatives / memory.Samples, one = 1.0 / memory.Samples;
            return Math.Log((one + share) / one) + negatives * Math.Log((one + share) / share);
        }
    }

    /// <summary>As many visits to each row as leave a sixteenth of the random vector that it began with: before, a query can't find its
    /// own.</summary>
    public override long SettlingImages => memory.Samples * visits;

    /// <summary>BatchNorm's statistics, and Z; the bank waits for the step's end.</summary>
    internal override IReadOnlyList<Tensor> ChangedByForward => [.. encoder_q.buffers(), .. noise?.buffers() ?? []];

    public override ContrastiveLoss Forward(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor indices = memory.Numbers(input.Indices.Span);
        Tensor own = memory.Rows(indices), drawn = memory.Rows(memory.Draw(negatives, input.Step));
        Tensor q = nn.functional.normalize(encoder_q.call(input.Query), dim: 1);
        // A row is random until its image has been seen.
        if (input.Epoch > 0) input.Show(q, own);
        ContrastiveLoss loss = infoNce.Compute(q, own, drawn);
        if (noise is not null)
        {
            loss = new ContrastiveLoss(
                noise.Compute(q, own, drawn, input.Group), loss.Accuracy, loss.PositiveSimilarity, loss.NegativeSimilarity, loss.Spread);
        }
        Forget();
        // Every rank has the whole bank, and writes all rows of the batch.
        Tensor updated = input.Group.Size == 1 ? indices : memory.Numbers(input.Group.AllGather(input.Indices.Span));
        Tensor embeddings = input.Group.Size == 1 ? q.detach() : input.Group.AllGather(q);
        pending = (updated.DetachFromDisposeScope(), embeddings.DetachFromDisposeScope());
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>Lets the batch's own rows follow its embeddings.</summary>
    public override void AfterBackward()
    {
        if (pending is { } batch) memory.Update(batch.Indices, batch.Embeddings, keep, take);
        Forget();
    }

    /// <summary>Frees the encoder and the bank.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Forget();
            keep.Dispose();
            take.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Forget()
    {
        pending?.Indices.Dispose();
        pending?.Embeddings.Dispose();
        pending = null;
    }
}
