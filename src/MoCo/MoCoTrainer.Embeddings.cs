using MoCo.Training;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    private const int UsualCollapseEverySteps = 100;

    private CollapseWatch collapse = new(UsualCollapseEverySteps);
    private MeasuredEmbeddings? epochEmbeddings, untoldEmbeddings;
    private int collapseEverySteps = UsualCollapseEverySteps;

    /// <summary>Steps between two looks at how the embeddings lie (<see cref="Embeddings"/>), counted in each epoch, whose end has one
    /// too; 0 for never. Default: 100, which costs less than a hundredth of the time. A look waits for a GPU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int CollapseEverySteps
    {
        get => collapseEverySteps;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            collapseEverySteps = value;
            collapse.Dispose();
            collapse = new CollapseWatch(value);
        }
    }

    /// <summary>How the embeddings lay at the latest look; null before the first, and where the method does not show them
    /// (<see cref="Contrast.StepInput.Show"/>).</summary>
    public MeasuredEmbeddings? Embeddings { get; private set; }

    private void ForgetEmbeddings()
    {
        collapse.Forget();
        Embeddings = epochEmbeddings = untoldEmbeddings = null;
    }

    /// <summary>Looks at the embeddings after a step, where it is time to.</summary>
    private void LookAtEmbeddings()
    {
        if (collapse.End() is not { } measured) return;
        Embeddings = epochEmbeddings = untoldEmbeddings = measured;
        meter.Embeddings(measured);
    }

    /// <summary>What no report has told yet.</summary>
    private MeasuredEmbeddings? TakeUntold()
    {
        MeasuredEmbeddings? untold = untoldEmbeddings;
        untoldEmbeddings = null;
        return untold;
    }
}
