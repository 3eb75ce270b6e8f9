namespace MoCo.Tensors;

/// <summary>The state of torch's default generator on the CPU.</summary>
/// <remarks><c>torch.get_rng_state</c> and <c>set_rng_state</c> make a generator that nothing holds: a garbage collection may free its
/// handle while libtorch reads it.</remarks>
internal static class RandomState
{
    /// <summary>A copy of it, in the scope.</summary>
    public static Tensor Copy()
    {
        using Generator generator = Generator.Default;
        return generator.get_state();
    }

    public static void Restore(Tensor state)
    {
        using Generator generator = Generator.Default;
        generator.set_state(state);
        GC.KeepAlive(state);
    }
}
