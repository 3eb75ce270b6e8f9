namespace Lab.Results;

/// <summary>What one run came to: a row of results.csv, kept in the run's folder. Accuracies are in percent.</summary>
/// <param name="Loss">Mean over the last steps.</param>
/// <param name="Seconds">Of training.</param>
/// <param name="Status">done, or why it is no good: diverged, collapsed.</param>
internal sealed record TrialResult(
    string Study, string Variable, string Value, long Seed, int Epochs, double? Knn, double? Linear, double? Loss, double Seconds,
    string Status, string Reason)
{
    public const string Done = "done", Diverged = "diverged", Collapsed = "collapsed";

    private const string Kind = "lab";

    /// <summary>That of a finished run; null: it is not finished.</summary>
    public static TrialResult? Read(RunFolder run) => Json.ReadOrNull<TrialResult>(run.EvaluationFile(Kind));

    public void Write(RunFolder run) => OutputFile.Replace(run.EvaluationFile(Kind), JsonText.Of(this));
}
