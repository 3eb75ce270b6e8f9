namespace MoCo.Distributed;

/// <summary>The processes that were to train one model can't: the launcher's variables contradict each other, the library that joins them
/// is missing or another one, a call of it failed, or ranks are no longer equal.</summary>
public sealed class ProcessGroupException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what was expected.</param>
    /// <param name="cause">What it came from.</param>
    internal ProcessGroupException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
