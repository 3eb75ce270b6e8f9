using Xunit.Sdk;
using Xunit.v3;

// Counts of live tensors are process-wide: a test that watches them must run alone.
[assembly: Parallelization(Mode = ParallelMode.None)]
