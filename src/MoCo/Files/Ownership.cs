namespace MoCo.Files;

/// <summary>Handing over what must be disposed.</summary>
internal static class Ownership
{
    /// <summary>Makes something that takes an object over; if that fails, the object is disposed.</summary>
    public static TResult HandTo<T, TResult>(this T owned, Func<T, TResult> make)
        where T : IDisposable
    {
        try
        {
            return make(owned);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }
}
