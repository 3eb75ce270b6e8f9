using System.Diagnostics.CodeAnalysis;

namespace Samples;

/// <summary>What was asked for can't be done as asked; the message says how it can.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    public static void ThrowIf([DoesNotReturnIf(true)] bool isWrong, string message)
    {
        if (isWrong) throw new UsageException(message);
    }
}
