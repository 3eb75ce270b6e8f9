namespace Evaluate;

/// <summary>Passes progress on at once, on the thread that works.</summary>
internal sealed class Telling<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
