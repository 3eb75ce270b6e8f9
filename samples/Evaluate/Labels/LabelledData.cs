using MoCo.Evaluation.Linear;
using Samples.Encoders;

namespace Evaluate.Labels;

/// <summary>Images to learn from and to be judged by.</summary>
/// <param name="Train">With labels.</param>
/// <param name="Test">With labels of the same classes.</param>
/// <param name="TestName">What the latter are.</param>
internal sealed record LabelledData(IImageSet Train, IImageSet Test, string TestName)
{
    private static readonly DataOptions Data = new("labelled images to learn from");
    private static readonly Option<string[]?> Judged = Values.Words("DATA").Option<string[]?>(
        "--test", "labelled images to be judged by [default: the test part that DATA names, else every n-th image of each class]",
        paths => paths);
    private static readonly Option<int> HoldOut = Numbers.Whole(
        "--hold-out", "the n of every n-th image, where DATA has no test part", 5, 2, 1000);
    private static readonly Option<int?> Limit = Numbers.WholeOrAuto(
        "--limit", "look at no more than n images of either part, spread over it: a quick look [default: no limit]", 2, int.MaxValue);

    /// <summary>The options that name both parts.</summary>
    public static IEnumerable<Option> Options => [.. Data.All, Judged, HoldOut, Limit];

    /// <summary>The names of the classes, as many as either part knows.</summary>
    public IReadOnlyList<string> Classes => Train.Classes.Count >= Test.Classes.Count ? Train.Classes : Test.Classes;

    /// <summary>Opens both parts, in the encoder's channels, and says what they are.</summary>
    /// <exception cref="UsageException">There are no classes, the parts do not agree, or shards would have to be split.</exception>
    public static LabelledData Open(ParseResult parsed, OpenedEncoder encoder)
    {
        string[] paths = Data.Paths(parsed);
        IImageSet train = Data.Open(parsed), test;
        foreach (string note in train.Notes) Screen.Say(note);
        UsageException.ThrowIf(
            train.Classes.Count < 2,
            $"{train.Name} has {(train.Classes.Count == 0 ? "no classes" : "one class")}; "
                + "expected labelled images of at least two, for example a folder for each class.");
        string what;
        if ((parsed.Given(Judged) ?? (ImageSources.HasSplits(paths) ? paths : null)) is { } given)
        {
            UsageException.ThrowIf(
                parsed.IsGiven(HoldOut), $"{HoldOut.Name} has no effect on data with a test part; expected it without {Judged.Name}.");
            test = DataFlags.OpenTest(given, train, Data.Reading(parsed));
            what = test.Name;
            foreach (string note in test.Notes) Screen.Say(note);
        }
        else
        {
            int n = parsed.GetValue(HoldOut);
            if (train is not IImageSource whole)
                throw new UsageException($"{train.Name} is a stream, which can't be split; expected --test with other data.");
            (train, IImageSource heldOut) = whole.Split(n);
            UsageException.ThrowIf(
                heldOut.Count == 0,
                $"{whole.Name} has no class of {n} images, so none can be held out; expected --test, or a smaller --hold-out.");
            (test, what) = (heldOut, $"{whole.Name}, one in {n} of each class");
        }
        CheckClasses(train, test);
        if (parsed.GetValue(Limit) is int most) (train, test) = (DataFlags.Spread(train, most), DataFlags.Spread(test, most));
        LabelledData data = new(encoder.Adapt(train), encoder.Adapt(test), what);
        string counts = $"{Counted.Of(DataFlags.Count(data.Train), "image")} to learn from, {DataFlags.Count(data.Test):N0}";
        Screen.Say($"{counts} to be judged by ({what}), {data.Classes.Count} classes");
        return data;
    }

    /// <summary>Trains through an encoder: on augmented batches to learn from, judged by plain ones.</summary>
    /// <param name="views">The augmentation; null: random crop and flip.</param>
    public T ThroughEncoder<T>(
        OpenedEncoder encoder, int batch, long seed, Func<LabelledBatches, T> train, AugmentationRecipe? views = null)
    {
        // BatchNorm can't learn from one image.
        UsageException.ThrowIf(DataFlags.Count(Train) < 2, $"{Train.Name} has one image to learn from; expected two or more.");
        LoaderOptions shuffled = new() { BatchSize = batch, Seed = seed, DropLast = DataFlags.Count(Train) % batch == 1 };
        AugmentationRecipe augmented = views ?? AugmentationRecipe.LinearTraining(encoder.Size, encoder.Normalization);
        using SingleViewLoader training = encoder.Loader(Train, augmented, shuffled), test = encoder.Loader(Test);
        return train(LabelledBatches.Of(training, test) with { Classes = Classes.Count });
    }

    private static void CheckClasses(IImageSet train, IImageSet judged)
    {
        if (judged.Classes.Count == 0) throw new UsageException($"{judged.Name} has no classes; expected those of {train.Name}.");
        // Numbers only count up to the highest label that occurs.
        if (IsNumbered(train) || IsNumbered(judged) || train.Classes.SequenceEqual(judged.Classes)) return;
        throw new UsageException(
            $"{train.Name} has the classes {Some(train)}, {judged.Name} has {Some(judged)}; expected the same in both.");

        static bool IsNumbered(IImageSet set) => set.Classes.Select((name, i) => name == $"{i}").All(same => same);
        static string Some(IImageSet set) =>
            string.Join(", ", set.Classes.Take(8)) + (set.Classes.Count > 8 ? $" … ({set.Classes.Count})" : "");
    }
}
