using MoCo.Contrast.Losses;
using MoCo.Tensors;

namespace MoCo.Training;

/// <summary>The measures of the latest steps, kept on the training device so that writing them never waits for it. Reading does.</summary>
internal sealed class StepMeasures : IDisposable
{
    private const int Columns = 7, Probe = Columns - 1;
    private readonly int length;
    private readonly Tensor ring; // length×7 float32
    private long next;

    public StepMeasures(int length, Device device, long next)
    {
        (this.length, this.next) = (length, next);
        using Scalar unknown = double.NaN.ToScalar();
        ring = full(length, Columns, unknown, device: device).DetachFromDisposeScope();
    }

    /// <summary>A loss and its measures as a row, without gradient.</summary>
    public static Tensor RowOf(ContrastiveLoss loss)
    {
        using IDisposable constant = no_grad();
        return stack(loss.All, 0).detach();
    }

    /// <summary>Keeps a step's row, the norm of its gradients at the end (below 0: not measured), in the place of the oldest.</summary>
    /// <param name="row">Six numbers.</param>
    /// <param name="probe">The online probe's accuracy, not a number where no image had a label; null in a run without one.</param>
    public void Write(Tensor row, Tensor? probe)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor place = ring[next % length];
        place.narrow(0, 0, Probe).copy_(row);
        if (probe is not null) place[Probe].copy_(probe);
        next++;
    }

    /// <summary>Reads one step's measures; waits for the device.</summary>
    /// <exception cref="InvalidOperationException">The step is no longer kept.</exception>
    public MeasuredStep Read(long step)
    {
        if (step >= next || step < next - length)
            throw new InvalidOperationException(
                $"The measures of step {step} are no longer kept; they are read within {length} steps, and the next step is {next}.");
        return ReadRange(step, 1)[0];
    }

    /// <summary>Reads the measures of several steps at one wait.</summary>
    public MeasuredStep[] ReadRange(long first, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] rows = ring.ToFloats();
        MeasuredStep[] measures = new MeasuredStep[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = rows.AsSpan((int)((first + i) % length) * Columns, Columns);
            measures[i] = new MeasuredStep(row[0], row[1], row[2], row[3], row[4])
            {
                GradientNorm = row[5] < 0 ? null : row[5],
                ProbeAccuracy = float.IsNaN(row[Probe]) ? null : row[Probe],
            };
        }
        return measures;
    }

    public void Dispose() => ring.Dispose();
}

/// <summary>A running mean of steps' measures.</summary>
internal sealed class MeasureMean
{
    private MeasuredStep sum;
    private long norms, probes;

    /// <summary>Steps so far.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; not a number before the first.</summary>
    public MeasuredStep Mean
        => new(sum.Loss / Count, sum.ContrastAccuracy / Count, sum.PositiveSimilarity / Count, sum.NegativeSimilarity / Count,
        sum.Spread / Count)
        {
            GradientNorm = sum.GradientNorm / norms,
            ProbeAccuracy = probes == 0 ? null : sum.ProbeAccuracy / probes,
        };

    public void Add(MeasuredStep step)
    {
        sum = new(sum.Loss + step.Loss, sum.ContrastAccuracy + step.ContrastAccuracy, sum.PositiveSimilarity + step.PositiveSimilarity,
            sum.NegativeSimilarity + step.NegativeSimilarity, sum.Spread + step.Spread)
        {
            GradientNorm = (sum.GradientNorm ?? 0) + (step.GradientNorm ?? 0),
            ProbeAccuracy = (sum.ProbeAccuracy ?? 0) + (step.ProbeAccuracy ?? 0),
        };
        if (step.GradientNorm is not null) norms++;
        if (step.ProbeAccuracy is not null) probes++;
        Count++;
    }
}
