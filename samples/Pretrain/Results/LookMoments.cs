using MoCo.Training;

namespace Pretrain.Results;

/// <summary>At which reports of a run a quick look is due.</summary>
/// <param name="looks">Looks spread over the run; null: one every so many epochs.</param>
/// <param name="every">Epochs between two looks, where they are not spread.</param>
/// <param name="step">Where the run begins or goes on: a run that goes on has looked there.</param>
internal sealed class LookMoments(int? looks, int every, long step)
{
    private long looked = step;
    private int? part = step == 0 ? 0 : null;

    /// <summary>Whether a look is due now.</summary>
    /// <remarks>An epoch's last step is reported twice, and the time goes on during a look: on a slow machine the next tenth of it may have
    /// begun by the second report. A step has one look.</remarks>
    public bool IsDue(TrainingProgress now)
    {
        if (now.Step == looked) return false;
        bool isDue = looks is int parts ? IsNextPart((int)(now.Share * parts))
            : now.Summary is not null && ((now.Epoch + 1) % every == 0 || now.Share >= 1);
        if (isDue) looked = now.Step;
        return isDue;
    }

    private bool IsNextPart(int now)
    {
        int before = part ?? now;
        part = now;
        return now > before;
    }
}
