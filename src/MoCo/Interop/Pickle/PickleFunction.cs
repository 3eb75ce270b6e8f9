namespace MoCo.Interop.Pickle;

/// <summary>A function that a pickle may call: one of this reader's own, never the file's.</summary>
internal sealed record PickleFunction(string Name, Func<object?[], object?> Call);
