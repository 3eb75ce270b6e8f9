using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Contrast;

/// <summary>
/// A way to learn from pairs of views: what the trainer knows of MoCo and its relatives. A method is a module, so that its
/// <c>state_dict</c> is everything that a checkpoint must hold of it.
/// </summary>
public abstract class ContrastiveMethod : nn.Module
{
    /// <summary>Names the module.</summary>
    protected ContrastiveMethod(string name)
        : base(name)
    {
    }

    /// <summary>The encoder that learns by gradient and that users keep.</summary>
    public abstract Encoder QueryEncoder { get; }

    /// <summary>The parameters that the optimizer moves, with their flat gradients.</summary>
    public abstract FlatParameters Trainable { get; }

    /// <summary>The loss of a model that knows nothing, for the progress report: ln(K+1) for MoCo.</summary>
    public abstract double ChanceLoss { get; }

    /// <summary>
    /// The forward pass of one step, everything that comes before <c>backward</c>. The method may keep tensors of the batch
    /// until <see cref="AfterBackward"/>.
    /// </summary>
    /// <param name="views">The batch's two views.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <returns>The loss and its measures; the caller disposes them.</returns>
    public abstract ContrastiveLoss Forward(ViewPair views, long step);

    /// <summary>What comes after <c>backward</c> and the optimizer, such as enqueuing keys.</summary>
    public virtual void AfterBackward()
    {
    }

    /// <summary>Puts what the method keeps beside its buffers in line with them, after a checkpoint was loaded into it.</summary>
    public virtual void AfterLoading()
    {
    }

    /// <summary>Checks what could not be checked without waiting for the device; called once per logging interval.</summary>
    public virtual void Verify()
    {
    }
}
