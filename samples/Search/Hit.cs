namespace Search;

/// <summary>An image on the page.</summary>
/// <param name="Name">What is written below it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Similarity">To the query; null for the query itself.</param>
internal readonly record struct Hit(string Name, string Path, float? Similarity);
