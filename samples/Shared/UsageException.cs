namespace Samples;

/// <summary>What was asked for can't be done as asked; the message says how it can.</summary>
internal sealed class UsageException(string message) : Exception(message);
