namespace MoCo.Optimization;

/// <summary>Modules' buffers as views of one flat tensor for each type, so that copying all of them takes a pass or two instead of one
/// for each. The modules' own tensors stay and only their storage moves, as with <see cref="FlatParameters"/>.</summary>
internal static class FlatBuffers
{
    /// <summary>Moves the buffers of some modules together, keeping their values; those that two of them share once.</summary>
    /// <returns>The flat tensors; the caller's.</returns>
    public static Tensor[] Of(params nn.Module[] modules)
    {
        using IDisposable _ = no_grad();
        IEnumerable<Tensor> buffers = modules.SelectMany(module => module.buffers());
        return [.. buffers.Distinct<Tensor>(ReferenceEqualityComparer.Instance).GroupBy(buffer => buffer.dtype).Select(Gather)];
    }

    private static Tensor Gather(IEnumerable<Tensor> buffers)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = cat([.. buffers.Select(buffer => buffer.flatten())], 0);
        long offset = 0;
        foreach (Tensor buffer in buffers)
        {
            long length = buffer.NumberOfElements;
            buffer.set_(flat.narrow(0, offset, length).view(buffer.shape));
            offset += length;
        }
        return flat.DetachFromDisposeScope();
    }
}
