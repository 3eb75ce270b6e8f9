namespace Samples.CommandLine;

/// <summary>The program was stopped, and something of its work is kept: the message says what, as the end of a sentence.</summary>
internal sealed class StoppedException(string left, Exception inner) : OperationCanceledException(left, inner);
