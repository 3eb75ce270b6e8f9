namespace MoCo.Encoders.Fused.Parts;

/// <summary>A convolution and its BatchNorm in one pass, and what their backward needs. ReLU, and the sum with a residual path before it,
/// is computed with the normalisation: y ← max(0, a·x + b …), with a and b of each channel and each of BatchNorm's groups.</summary>
internal abstract class FusedLayer : IDisposable
{
    private readonly Convolution convolution;
    private readonly bool hasBackward;
    private readonly bool passesGradient;
    private readonly Tensor input;
    private readonly Tensor values;

    /// <summary>Convolves; who derives from it measures.</summary>
    /// <param name="convolution">The convolution; its own backward, or autograd, computes its gradients.</param>
    /// <param name="norm">BatchNorm, its groups contiguous.</param>
    /// <param name="input">What goes in; it stays the caller's.</param>
    /// <param name="pass">Whether a backward follows, and whether BatchNorm counts the pass.</param>
    /// <param name="passesGradient">Whether the input's gradient is wanted.</param>
    protected FusedLayer(Convolution convolution, SplitBatchNorm2d norm, Tensor input, FusedPass pass, bool passesGradient)
    {
        pass.Own(this);
        (this.convolution, Norm, IsKept, this.passesGradient) = (convolution, norm, pass.IsKept, passesGradient);
        hasBackward = convolution.HasBackward(input);
        this.input = input.detach().DetachFromDisposeScope();
        bool isFollowed = IsKept && !hasBackward;
        if (isFollowed && passesGradient) this.input.requires_grad_(true);
        using (enable_grad(isFollowed)) values = Rows(convolution.call(this.input)).DetachFromDisposeScope();
    }

    protected SplitBatchNorm2d Norm { get; }

    /// <summary>Whether a backward follows.</summary>
    protected bool IsKept { get; }

    /// <summary>What the convolution made, x: N×C×H×W, channels-last. Backward puts its gradient there.</summary>
    protected Tensor Values => values;

    /// <summary>y ← max(0, a·x + b), in x's place where no backward follows.</summary>
    public abstract Tensor Rectify();

    /// <summary>y ← max(0, a·x + b + identity).</summary>
    public abstract Tensor RectifySum(Tensor identity);

    /// <summary>y ← max(0, a·x + b + a′·x′ + b′), with another layer of the same size.</summary>
    public abstract Tensor RectifySum(FusedLayer other);

    /// <summary>The network's pooling (3×3, two apart, one of padding) of max(0, a·x + b); null where that is not one pass.</summary>
    public virtual Tensor? RectifyAndPool() => null;

    /// <summary>From the gradient of max(0, a·x + b), or of what it was pooled to, to the input's, on the way those of the
    /// weights.</summary>
    /// <param name="gradient">N×C×H×W; disposed.</param>
    /// <returns>The input's gradient; null where it is not wanted.</returns>
    public abstract Tensor? Backward(Tensor gradient);

    /// <summary>Makes of the gradient of y = max(0, …) that of the sum inside, in its own place, with the sums that BatchNorm's backward
    /// needs. <see cref="BackwardOfSum"/> follows.</summary>
    /// <param name="y">The result.</param>
    /// <param name="gradient">Its gradient, or the first part.</param>
    /// <param name="more">What is to be added to it.</param>
    public abstract void MaskAndSum(Tensor y, Tensor gradient, Tensor? more);

    /// <summary>The sums for another layer in the same sum, whose gradient is the same.</summary>
    public abstract void SumsLike(FusedLayer other, Tensor gradient);

    /// <summary>From the gradient of a·x + b to the input's, on the way those of the weights.</summary>
    /// <param name="gradient">What <see cref="MaskAndSum"/> left; it stays the caller's.</param>
    public abstract Tensor? BackwardOfSum(Tensor gradient);

    public virtual void Dispose()
    {
        input?.Dispose();
        values?.Dispose();
    }

    /// <summary>Memory for y: x's where no backward follows.</summary>
    protected Tensor NewOutput() => IsKept ? empty_like(values) : values.alias();

    /// <summary>Backward through the convolution, when x holds the gradient of its result.</summary>
    protected Tensor? Convolved()
    {
        if (hasBackward) return convolution.Backward(values, input, passesGradient);
        if (values.requires_grad)
        {
            using Tensor gradient = values.detach();
            values.backward([gradient]);
        }
        return input.requires_grad ? input.grad : null;
    }

    /// <summary>With memory that runs N, H, W, C without gaps.</summary>
    private static Tensor Rows(Tensor made)
    {
        if (ChannelsLast.Is(made)) return made;
        using Tensor rows = made.permute(0, 2, 3, 1);
        if (rows.is_contiguous()) return made;
        using Tensor otherwise = made;
        return ChannelsLast.Make(otherwise);
    }
}
