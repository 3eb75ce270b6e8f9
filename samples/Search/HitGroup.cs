namespace Search;

/// <summary>A query and what was found for it.</summary>
internal sealed record HitGroup(Hit Query, IReadOnlyList<Hit> Hits);
