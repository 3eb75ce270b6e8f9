namespace Lab;

/// <summary>A study's <c>study.json</c>: what was fixed or measured before its first run.</summary>
/// <param name="Epochs">Of each run.</param>
/// <param name="Images">Images to learn from.</param>
/// <param name="Voting">Those of them that kNN and the linear classifier learn from.</param>
/// <param name="Test">Images that are asked about.</param>
/// <param name="Seconds">Of an epoch, by trial, as they were measured; empty where epochs were given.</param>
internal sealed record StudyFile(
    int Epochs, int Images, int Voting, int Test, Worth Pixels, Worth Untrained, IReadOnlyDictionary<string, double> Seconds)
{
    public const string Name = "study.json";
}
