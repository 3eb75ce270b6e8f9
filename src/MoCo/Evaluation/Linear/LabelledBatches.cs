using MoCo.Loading;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Linear;

/// <summary>A batch of views with their classes. Whoever makes it owns the tensor; it must live until the next batch is asked for.</summary>
/// <param name="Views">N×C×H×W, on the encoder's device.</param>
/// <param name="Labels">N classes.</param>
public readonly record struct LabelledViews(Tensor Views, ReadOnlyMemory<int> Labels);

/// <summary>Labelled images for learning through an encoder, as batches from any loader.</summary>
public sealed record LabelledBatches
{
    /// <summary>C, how many classes there are, at least 1; labels are 0 to C − 1.</summary>
    public required int Classes { get; init; }

    /// <summary>The training batches of an epoch, counted from 0: shuffled and augmented as the recipe asks.</summary>
    public required Func<int, IEnumerable<LabelledViews>> Training { get; init; }

    /// <summary>The test batches, without augmentation.</summary>
    public required Func<IEnumerable<LabelledViews>> Test { get; init; }

    /// <summary>Batches of training images that <see cref="Training"/> leaves out, without augmentation: they choose among
    /// several learning rates. Null where there is one.</summary>
    public Func<IEnumerable<LabelledViews>>? HeldOut { get; init; }

    /// <summary>Batches of loaders, freed one by one as they are done with.</summary>
    /// <param name="training">Augments as the recipe asks and shuffles; every image labelled.</param>
    /// <param name="test">Without augmentation; every image labelled.</param>
    /// <param name="heldOut">Training images that <paramref name="training"/> leaves out, without augmentation; null: none.</param>
    public static LabelledBatches Of(SingleViewLoader training, SingleViewLoader test, SingleViewLoader? heldOut = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        return new LabelledBatches
        {
            Classes = training.Source.Classes.Count,
            Training = epoch => Batches(training, epoch),
            Test = () => Batches(test, 0),
            HeldOut = heldOut is null ? null : () => Batches(heldOut, 0),
        };

        static IEnumerable<LabelledViews> Batches(SingleViewLoader loader, int epoch)
        {
            foreach (var batch in loader.Epoch(epoch))
            {
                using (batch)
                    yield return new LabelledViews(batch.Views, batch.Labels);
            }
        }
    }

    internal void Validate()
    {
        List<string> errors = [];
        if (Classes < 1)
            errors.Add($"{nameof(Classes)} is {Classes}; allowed are 1 and more.");
        if (Training is null)
            errors.Add($"{nameof(Training)} is null; expected batches for each epoch.");
        if (Test is null)
            errors.Add($"{nameof(Test)} is null; expected batches.");
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(LabelledBatches)}: {string.Join(" ", errors)}");
    }

    /// <summary>Goes through batches, checking each.</summary>
    /// <exception cref="ArgumentException">There is none, or one has labels outside its range or other than one for each view.</exception>
    internal IEnumerable<LabelledViews> Checked(IEnumerable<LabelledViews> batches, string name)
    {
        int number = 0;
        foreach (var batch in batches ?? throw new ArgumentException($"{name} is null; expected batches.", name))
        {
            if (batch.Views is null || batch.Views.shape.Length < 2 || batch.Views.shape[0] != batch.Labels.Length || batch.Labels.IsEmpty)
                throw new ArgumentException($"{name}, batch {number}: found {batch.Labels.Length} labels for views {(batch.Views is null ? "null" : string.Join('×', batch.Views.shape))}; expected one for each.", name);
            foreach (int label in batch.Labels.Span)
            {
                if ((uint)label >= (uint)Classes)
                    throw new ArgumentException($"{name}, batch {number}: a label is {label}; expected 0 to {Classes - 1}.", name);
            }

            yield return batch;
            number++;
        }

        if (number == 0)
            throw new ArgumentException($"{name} has no batches; expected at least one.", name);
    }
}
