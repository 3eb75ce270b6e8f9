using Lab.Studies;

namespace Lab.Results;

/// <summary>A row of a study with the runs that are done of it.</summary>
internal sealed record Row(Trial Trial, IReadOnlyList<TrialResult> Runs)
{
    public Sample Knn { get; } = new([.. Runs.Select(run => run.Knn).OfType<double>()]);

    public Sample Linear { get; } = new([.. Runs.Select(run => run.Linear).OfType<double>()]);

    public Sample Loss { get; } = new([.. Runs.Select(run => run.Loss).OfType<double>()]);

    public string Name => Trial.Name;

    /// <summary>Whether each run diverged, collapsed or is no better than an encoder that was not trained.</summary>
    public bool Fails(Worth untrained) =>
        Runs.Count > 0 && Runs.All(run => run.Status != TrialResult.Done || run.Linear is not double worth || worth <= untrained.Linear);

    /// <summary>How many runs ended in which way, where not all are done.</summary>
    public string Status => string.Join(", ", Runs.CountBy(run => run.Status)
        .Select(status => status.Value == Runs.Count ? status.Key : $"{status.Value} of {Runs.Count} {status.Key}"));

    public static Row[] Of(Study study, IReadOnlyCollection<TrialResult> results) =>
        [.. study.Trials.Select(trial => new Row(trial, [.. results.Where(result => result.Value == trial.Name)]))];
}
