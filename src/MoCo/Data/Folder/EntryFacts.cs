namespace MoCo.Data.Folder;

/// <summary>What the file system says of a path, links followed.</summary>
/// <param name="Kind">Unknown: there is no such thing, or it may not be looked at.</param>
/// <param name="Identity">Equal for two paths that lead to the same folder.</param>
/// <param name="Modified">When it was changed, in nanoseconds since 1970 (UTC); a folder's changes when a name in it comes or goes.</param>
internal readonly record struct EntryFacts(EntryKind Kind, UInt128 Identity, long Modified);
