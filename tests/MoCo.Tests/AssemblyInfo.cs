// Counts of live tensors are process-wide: a test that watches them must run alone.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
