namespace MoCo.Interop;

/// <summary>What was taken over from a file of weights.</summary>
/// <param name="Layout">Whose names the file has.</param>
/// <param name="Parts">What was loaded.</param>
/// <param name="Unused">The file's tensors that have no place here: a classifier, an optimizer, parts that were not asked for.</param>
public sealed record LoadedWeights(WeightLayout Layout, WeightParts Parts, IReadOnlyList<string> Unused);
