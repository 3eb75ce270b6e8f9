namespace MoCo.Loading.Pipeline;

/// <summary>A batch's hold on its memory: given back once, when the batch is disposed.</summary>
internal sealed class ViewLease(ViewPool pool, ViewSlot slot) : IDisposable
{
    private ViewSlot? held = slot;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref held, null) is { } returned)
            pool.Return(returned);
    }
}
