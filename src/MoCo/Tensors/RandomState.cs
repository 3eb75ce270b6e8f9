namespace MoCo.Tensors;

/// <summary>The state of torch's default generator on the CPU.</summary>
/// <remarks><c>torch.get_rng_state</c> and <c>set_rng_state</c> make a generator that nothing holds: a garbage collection may free its
/// handle while libtorch reads it.</remarks>
internal static class RandomState
{
    private const int Numbers = 624;

    /// <summary>A copy of it, in the scope.</summary>
    public static Tensor Copy()
    {
        using Generator generator = Generator.Default;
        return generator.get_state();
    }

    /// <exception cref="InvalidDataException">It is no state.</exception>
    public static void Restore(Tensor state)
    {
        // libtorch's own check of its mt19937 (numbers left, seeded, the next one) throws through code that catches nothing: the process
        // would end.
        ReadOnlySpan<byte> bytes = state.bytes;
        int left = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), seeded = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (left is < 1 or > Numbers || seeded == 0 || BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) > Numbers)
            throw new InvalidDataException("The state of torch's random numbers is none that its generator can have.");
        using Generator generator = Generator.Default;
        generator.set_state(state);
        GC.KeepAlive(state);
    }
}
