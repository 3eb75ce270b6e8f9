using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Contrast;

/// <summary>A way to learn from pairs of views: what the trainer knows of MoCo and its relatives. A method is a module, so that its
/// <c>state_dict</c> is everything that a checkpoint must hold of it.</summary>
public abstract class ContrastiveMethod : nn.Module
{
    private FlatParameters? flat;

    /// <summary>Names the module.</summary>
    protected ContrastiveMethod(string name)
        : base(name)
    {
    }

    /// <summary>The encoder that learns by gradient and that users keep.</summary>
    public abstract Encoder QueryEncoder { get; }

    /// <summary>The module whose parameters the optimizer moves. Default: the query encoder.</summary>
    public virtual nn.Module Trainable => QueryEncoder;

    /// <summary>The loss of a model that knows nothing, for the progress report: ln(K+1) for MoCo.</summary>
    public abstract double ChanceLoss { get; }

    /// <summary>f_k, which makes the keys; the query encoder itself where there is but one, null where a method makes no keys apart.
    /// Default: null.</summary>
    public virtual Encoder? KeyEncoder => OtherEncoder;

    /// <summary>f_k where it is a network beside the query encoder, of the same architecture; else null.</summary>
    internal virtual Encoder? OtherEncoder => null;

    /// <summary>Images that a run shows before its loss means what it will: while a dictionary still holds the random vectors that it began
    /// with. Default: 0.</summary>
    public virtual long SettlingImages => 0;

    /// <summary>Whether <see cref="Forward"/> looks at <see cref="StepInput.Group"/>: whether the mean of the ranks' losses, each of its
    /// part of the batch, has the gradient of the whole batch's loss, and every rank ends a step with the same state. Many processes train
    /// no other method. Default: false.</summary>
    public virtual bool TrainsAcrossRanks => false;

    /// <summary>Whether <see cref="Forward"/> looks at <see cref="StepInput.SmallViews"/>: no other method is given any. Default:
    /// false.</summary>
    public virtual bool TakesSmallViews => false;

    /// <summary>The parameters of <see cref="Trainable"/> with their gradients, flat.</summary>
    internal FlatParameters Parameters => flat ??= new FlatParameters(Trainable, withGradients: true);

    /// <summary>What <see cref="Forward"/> may change: the trainer copies it before each step, to put it back where the step fails. Every
    /// buffer and every parameter outside <see cref="Trainable"/>, unless the method knows better.</summary>
    internal virtual IReadOnlyList<Tensor> ChangedByForward
        => [.. buffers(), .. parameters().Except(Trainable.parameters(), ReferenceEqualityComparer.Instance).Cast<Tensor>()];

    /// <summary>The update that <see cref="Forward"/> makes once and first of flat parameters, which are not among
    /// <see cref="ChangedByForward"/>; null where there is none.</summary>
    internal virtual MomentumUpdate? FlatUpdate => null;

    /// <summary>Reads the false negatives of a step with <see cref="StepInput.IsMeasured"/>, once; it waits for the device. Null where
    /// there are no labels beside the keys, or none were measured since.</summary>
    internal virtual (double InQueue, int Nearest, double InNearest)? TakeFalseNegatives() => null;

    /// <summary>The forward pass of one step, everything that comes before <c>backward</c>. The method may keep tensors of the batch until
    /// <see cref="AfterBackward"/>.</summary>
    /// <param name="input">The batch's two views, and where the run stands.</param>
    /// <returns>The loss and its measures; the caller disposes them.</returns>
    public abstract ContrastiveLoss Forward(StepInput input);

    /// <summary>Whether <see cref="ForwardInParts"/> is there.</summary>
    internal virtual bool ForwardsInParts => false;

    /// <summary>As <see cref="Forward"/>, the batch being computed in parts one after another.</summary>
    /// <param name="input">As of <see cref="Forward"/>.</param>
    /// <param name="parts">How many, at least 2.</param>
    /// <param name="backward">Takes each part's share of the loss as soon as it is there.</param>
    /// <returns>The whole loss, without gradient, and its measures.</returns>
    internal virtual ContrastiveLoss ForwardInParts(StepInput input, int parts, Action<Tensor> backward)
        => throw new NotSupportedException();

    /// <summary>What comes after <c>backward</c> and the optimizer, such as enqueuing keys.</summary>
    public virtual void AfterBackward()
    {
    }

    /// <summary>Puts what the method keeps beside its buffers in line with them, after a checkpoint was loaded into it.</summary>
    public virtual void AfterLoading()
    {
    }

    /// <summary>The most likely cluster of each image, N numbers from 0, in the mode that the method is in: <c>eval()</c> it first. Null,
    /// the default, where a method has no clusters.</summary>
    /// <param name="images">N×C×H×W on the method's device.</param>
    public virtual IReadOnlyList<int>? PredictClusters(Tensor images) => null;

    /// <summary>Checks what could not be checked without waiting for the device; called once per logging interval.</summary>
    public virtual void Verify()
    {
    }

    /// <summary>Frees the module and its flat parameters.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing) flat?.Dispose();
        base.Dispose(disposing);
    }
}
