namespace MoCo.Benchmarks.CommandLines;

/// <summary>The command line is wrong; the message says what was found and what is expected.</summary>
internal sealed class UsageException(string message) : Exception(message);
