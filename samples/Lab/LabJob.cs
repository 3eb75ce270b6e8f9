using Pretrain;

namespace Lab;

/// <summary>A run of a study: its plan and images are those of the study, whatever the run's folder says, and nothing is measured on the
/// way.</summary>
internal sealed class LabJob(Plan plan, DataSet data) : Job
{
    public override Plan Ask(Plan found) => plan;

    public override (Plan, DataSet) Choose(Plan found, DataSet opened, bool isNew) =>
        base.Choose(found, data with { Measured = "accuracy is measured afterwards" }, isNew);

    public override string Again(string folder, MoCoTrainer trainer, bool isDone) => "the same command";
}
