namespace MoCo.Benchmarks;

/// <summary>A benchmark could not be run or finished; the message is meant for the user.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
