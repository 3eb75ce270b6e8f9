using MoCo.Data;

namespace MakeShards;

/// <summary>What was made.</summary>
/// <param name="Pattern">The shards, as <see cref="TarShards"/> and WebDataset take them.</param>
/// <param name="Shards">Shards written.</param>
/// <param name="Images">Images in them.</param>
/// <param name="Classes">Classes of the folder, 0 where there are no labels.</param>
/// <param name="Errors">Files that could not be read.</param>
internal sealed record Outcome(string Pattern, int Shards, long Images, int Classes, SourceErrors Errors);
