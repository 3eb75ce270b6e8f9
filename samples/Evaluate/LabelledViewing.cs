using MoCo.Augmentation;
using MoCo.Evaluation;
using MoCo.Loading;
using Samples.Encoders;

namespace Evaluate;

/// <summary>Labelled images as batches that go through the encoder: augmented ones to learn from, plain ones to be judged by.</summary>
internal sealed class LabelledViewing(OpenedEncoder encoder, LabelledData images, int batch, long seed, CancellationToken stop) : IDisposable
{
    private readonly SingleViewLoader training = encoder.Loader(
        images.Train,
        AugmentationRecipe.LinearTraining(encoder.Size, encoder.Normalization),
        new LoaderOptions { BatchSize = batch, Seed = seed, DropLast = LabelledData.Count(images.Train) % batch == 1 }); // BatchNorm can't learn from one image.

    private readonly SingleViewLoader test = encoder.Loader(images.Test);

    public LabelledBatches Batches => new()
    {
        Classes = images.Classes.Count,
        Training = epoch => Views(training, epoch),
        Test = () => Views(test, 0),
    };

    public void Dispose()
    {
        training.Dispose();
        test.Dispose();
    }

    private IEnumerable<LabelledViews> Views(SingleViewLoader loader, int epoch)
    {
        foreach (SingleViewBatch views in loader.Epoch(epoch, cancellation: stop))
            using (views) yield return new LabelledViews(views.Views, views.Labels);
    }
}
