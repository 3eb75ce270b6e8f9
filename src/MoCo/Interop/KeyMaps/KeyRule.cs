namespace MoCo.Interop.KeyMaps;

/// <summary>Where the tensors go whose names begin with <paramref name="Prefix"/>.</summary>
/// <param name="Prefix">How their names begin, or a whole name.</param>
/// <param name="Part">The part of the method that they belong to.</param>
/// <param name="Replacement">What takes the prefix's place: <c>backbone.</c>, <c>head.layers.0.</c></param>
internal sealed record KeyRule(string Prefix, KeyPart Part, string Replacement = "");
