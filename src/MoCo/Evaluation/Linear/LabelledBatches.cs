using MoCo.Evaluation.Features;
using MoCo.Loading;

namespace MoCo.Evaluation.Linear;

/// <summary>Labelled images for learning through an encoder, as batches from any loader: views N×C×H×W on the encoder's device, and their N
/// classes. Whoever makes a batch owns its tensor, which must live until the next batch is asked for.</summary>
public sealed record LabelledBatches
{
    /// <summary>C, how many classes there are, at least 1; labels are 0 to C − 1.</summary>
    public required int Classes { get; init; }

    /// <summary>The training batches of an epoch, counted from 0: shuffled and augmented as the recipe asks.</summary>
    public required Func<int, IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)>> Training { get; init; }

    /// <summary>How many batches an epoch of <see cref="Training"/> has, so that a learning rate can follow the steps within it; null where
    /// that is not known: the rate follows the epochs. Default: null.</summary>
    public int? BatchesPerEpoch { get; init; }

    /// <summary>The test batches, without augmentation.</summary>
    public required Func<IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)>> Test { get; init; }

    /// <summary>Batches of training images that <see cref="Training"/> leaves out, without augmentation: they choose among several learning
    /// rates. Null where there is one.</summary>
    public Func<IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)>>? HeldOut { get; init; }

    /// <summary>Batches of loaders, freed one by one as they are done with; images without a label are left out.</summary>
    /// <param name="training">Augments as the recipe asks and shuffles.</param>
    /// <param name="test">Without augmentation.</param>
    /// <param name="heldOut">Training images that <paramref name="training"/> leaves out, without augmentation; null: none.</param>
    public static LabelledBatches Of(SingleViewLoader training, SingleViewLoader test, SingleViewLoader? heldOut = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        return new LabelledBatches
        {
            Classes = training.Source.Classes.Count,
            Training = epoch => Batches(training, epoch),
            BatchesPerEpoch = training.BatchesPerEpoch,
            Test = () => Batches(test, 0),
            HeldOut = heldOut is null ? null : () => Batches(heldOut, 0),
        };

        static IEnumerable<(Tensor, ReadOnlyMemory<int>)> Batches(SingleViewLoader loader, int epoch)
        {
            foreach (SingleViewBatch batch in loader.Epoch(epoch))
            {
                using (batch)
                {
                    ReadOnlyMemory<int> labels = batch.Labels;
                    int[] known = [.. Enumerable.Range(0, batch.Size).Where(row => labels.Span[row] != FeatureSet.Unlabelled)];
                    if (known.Length == batch.Size) yield return (batch.Views, labels);
                    if (known.Length == 0 || known.Length == batch.Size) continue;
                    using Tensor rows = tensor(known, dtype: ScalarType.Int64, device: batch.Views.device);
                    using Tensor views = batch.Views.index_select(0, rows);
                    yield return (views, known.Select(row => labels.Span[row]).ToArray());
                }
            }
        }
    }

    internal void Validate(int learningRates = 1) => new OptionErrors(nameof(LabelledBatches))
        .Check(Classes >= 1, Classes, "1 or more")
        .Check(Training is not null, Training, "batches for each epoch")
        .Check(Test is not null, Test, "batches")
        .Check(BatchesPerEpoch is null or >= 1, BatchesPerEpoch, "1 or more, or null where it is not known")
        .Check(learningRates == 1 || HeldOut is not null, HeldOut, $"batches to choose among {learningRates} learning rates, or one rate")
        .ThrowIfAny();

    internal IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> TrainingBatches(int epoch) =>
        Checked(Training(epoch), nameof(Training));

    internal IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> TestBatches() => Checked(Test(), nameof(Test));

    internal IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> HeldOutBatches() => Checked(HeldOut!(), nameof(HeldOut));

    /// <summary>Goes through batches, checking each.</summary>
    /// <exception cref="ArgumentException">There is none, or one has labels outside its range or other than one for each view.</exception>
    private IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> Checked(
        IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> batches, string name)
    {
        if (batches is null) throw new ArgumentException($"{name} is null; expected batches.", name);
        int number = 0;
        foreach ((Tensor views, ReadOnlyMemory<int> labels) in batches)
        {
            if (views is null || views.shape.Length < 2 || views.shape[0] != labels.Length || labels.IsEmpty)
            {
                string found = $"{labels.Length} labels for views {(views is null ? "null" : string.Join('×', views.shape))}";
                throw new ArgumentException($"{name}, batch {number}: found {found}; expected one for each.", name);
            }
            int wrong = labels.Span.IndexOfAnyExceptInRange(0, Classes - 1);
            if (wrong >= 0)
                throw new ArgumentException($"{name}, batch {number}: a label is {labels.Span[wrong]}; expected 0 to {Classes - 1}.", name);
            yield return (views, labels);
            number++;
        }
        if (number == 0) throw new ArgumentException($"{name} has no batches; expected at least one.", name);
    }
}
