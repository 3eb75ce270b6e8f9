namespace MoCo.Optimization;

/// <summary>A module's buffers as views of one flat tensor for each type, so that copying all of them takes a pass or two instead of one
/// for each. The module's own tensors stay and only their storage moves, as with <see cref="FlatParameters"/>.</summary>
internal static class FlatBuffers
{
    /// <summary>Moves the buffers of <paramref name="module"/> together, keeping their values.</summary>
    /// <returns>The flat tensors; the caller's.</returns>
    public static Tensor[] Of(nn.Module module)
    {
        using IDisposable _ = no_grad();
        return [.. module.buffers().GroupBy(buffer => buffer.dtype).Select(Gather)];
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
