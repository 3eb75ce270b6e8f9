using MoCo.Training;

namespace Lab;

/// <summary>Of a run of a study only what goes wrong and how far it is; the study has lines of its own.</summary>
internal sealed class RunDisplay(Display around) : Display
{
    public override void Say(string line)
    {
        if (line.StartsWith("warning", StringComparison.Ordinal) || line.StartsWith("error", StringComparison.Ordinal)) around.Say(line);
    }

    public override FitResult During(Func<FitResult> train) => around.During(train);

    public override void Show(RunStatus status) => around.Show(status);
}
