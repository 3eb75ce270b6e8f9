namespace MoCo.Optimization;

/// <summary>libtorch's fused optimizers and its lerp, which read and write every number once; TorchSharp has them only through TorchScript.
/// On a CPU the steps go over blocks that stay in the caches, so that zeroing the gradients is no pass of its own, or by kernels of this
/// library where there is one.</summary>
/// <remarks>Numbers are passed as held <see cref="Scalar"/>s: of a plain one TorchSharp would make a Scalar that nothing holds. A script
/// that does not compile may end the process, so there is this one, constant, and tests run all of it.</remarks>
internal static class FusedSteps
{
    // A list that is made here and not read afterwards is taken for dead, and the step with it: copying a tensor onto itself reads it and
    // does nothing. Without momentum libtorch refuses a velocity.
    private const string Script = """
        def sgd(values: Tensor, gradients: Tensor, velocities: Tensor, rate: float, momentum: float, decay: float, nesterov: bool,
                length: int):
            for value, gradient, velocity in zip(values.split(length), gradients.split(length), velocities.split(length)):
                moved = [value]
                kept = [velocity]
                if momentum == 0.0:
                    kept.pop()
                torch._fused_sgd_(moved, [gradient], kept, weight_decay=decay, momentum=momentum, lr=rate, dampening=0.0,
                    nesterov=nesterov, maximize=False, is_first_step=False)
                value.copy_(moved[0])
                gradient.zero_()

        def adamw(values: Tensor, gradients: Tensor, means: Tensor, squares: Tensor, step: Tensor, rate: float, first: float,
                second: float, decay: float, epsilon: float, length: int):
            for value, gradient, mean, square in zip(values.split(length), gradients.split(length), means.split(length),
                    squares.split(length)):
                moved = [value]
                torch._fused_adamw_(moved, [gradient], [mean], [square], [step][1:], [step], lr=rate, beta1=first, beta2=second,
                    weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
                value.copy_(moved[0])
                gradient.zero_()

        def follow(key: Tensor, query: Tensor, share: float):
            key.lerp_(query, share)

        """;

    /// <summary>Numbers in a block on a CPU: 2 MiB of float32.</summary>
    private const int BlockLength = 1 << 19;

    private static readonly jit.CompilationUnit Unit = jit.compile(Script);

    /// <summary>g ← g + λθ; v ← μv + g; θ ← θ − ηv, or by Nesterov θ ← θ − η(g + μv); g ← 0.</summary>
    public static void Sgd(
        Tensor values, Tensor gradients, Tensor velocities, double rate, double momentum, double decay, bool nesterov = false)
    {
        if (momentum > 0 && FlatPass.Fit(values, gradients, velocities))
        {
            SgdKernel.Step(values, gradients, velocities, (float)rate, (float)momentum, (float)decay, nesterov);
            return;
        }
        using Scalar step = rate.ToScalar(), keep = momentum.ToScalar(), shrink = decay.ToScalar();
        Sgd(values, gradients, velocities, step, keep, shrink, nesterov);
    }

    /// <summary>The same by libtorch's.</summary>
    public static void Sgd(
        Tensor values, Tensor gradients, Tensor velocities, Scalar rate, Scalar momentum, Scalar decay, bool nesterov = false)
        => Run("sgd", values, gradients, velocities, rate, momentum, decay, nesterov, LengthFor(values));

    /// <summary>θ ← (1 − ηλ)θ; m ← β₁m + (1 − β₁)g; s ← β₂s + (1 − β₂)g²; θ ← θ − η/(1 − β₁ᵗ)·m/(√(s/(1 − β₂ᵗ)) + ε); g ← 0. The step,
    /// t from 1, is a float32 on the parameters' device.</summary>
    public static void AdamW(Tensor values, Tensor gradients, Tensor means, Tensor squares, Tensor step,
        Scalar rate, Scalar first, Scalar second, Scalar decay, Scalar epsilon)
        => Run("adamw", values, gradients, means, squares, step, rate, first, second, decay, epsilon, LengthFor(values));

    /// <summary>θ_k ← θ_k + share·(θ_q − θ_k).</summary>
    public static void Follow(Tensor key, Tensor query, Scalar share) => Run("follow", key, query, share);

    /// <summary>The same of flat parameters, whose numbers before it go elsewhere.</summary>
    public static void Follow(Tensor key, Tensor query, double share, Tensor before)
    {
        if (FlatPass.Fit(key, query, before))
        {
            FollowKernel.Follow(key, query, before, (float)share);
            return;
        }
        before.copy_(key);
        using Scalar taken = share.ToScalar();
        Follow(key, query, taken);
    }

    // On a GPU launches cost more than passes.
    private static int LengthFor(Tensor values) => values.device_type == DeviceType.CPU ? BlockLength : int.MaxValue;

#pragma warning disable RS0030 // It makes Scalars of fractions and 64-bit numbers only, and none is passed.
    private static void Run(string name, params object[] arguments) => Unit.invoke(name, arguments);
#pragma warning restore RS0030
}
