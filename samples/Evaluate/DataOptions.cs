using System.CommandLine;
using MoCo.Data;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;

namespace Evaluate;

/// <summary>The options that name labelled images.</summary>
internal sealed class DataOptions
{
    private readonly Option<string> data = new("--data") { Description = "labelled images to learn from", HelpName = "DATA", Required = true };
    private readonly Option<string?> test = new("--test") { Description = "labelled images to be judged by [default: the test part that DATA names, else every n-th image of each class]", HelpName = "DATA" };
    private readonly Option<int> holdOut = Numbers.Whole("--hold-out", "the n of every n-th image, where DATA has no test part", 5, 2, 1000);

    private readonly Option<int?> limit = Numbers.WholeOrAuto("--limit", "look at no more than n images of either part, spread over it: a quick look [default: all]", 2, int.MaxValue);

    public void AddTo(Command command)
    {
        command.Add(data);
        command.Add(test);
        command.Add(holdOut);
        command.Add(limit);
    }

    /// <summary>Opens both parts, in the encoder's channels.</summary>
    /// <exception cref="UsageException">There are no classes, the parts do not agree, or shards would have to be split.</exception>
    public LabelledData Open(ParseResult parsed, OpenedEncoder encoder)
    {
        string path = parsed.GetValue(data)!;
        IImageSet train = ImageSources.Open(path), judged;
        if (train.Classes.Count < 2) throw new UsageException($"{train.Name} has {train.Classes.Count switch { 0 => "no classes", _ => "one class" }}; expected labelled images of at least two, for example a folder for each class.");
        string what;
        if (parsed.GetValue(test) is { } given)
        {
            judged = ImageSources.Open(given, ImageSplit.Test);
            what = judged.Name;
        }
        else if (ImageSources.HasSplits(path))
        {
            judged = ImageSources.Open(path, ImageSplit.Test);
            what = judged.Name;
        }
        else
        {
            int n = parsed.GetValue(holdOut);
            if (train is not IImageSource whole) throw new UsageException($"{path} is a stream of shards, which can't be split; expected --test with other shards.");
            (ImageSubset kept, ImageSubset heldOut) = ImageSubset.Split(whole, n);
            if (heldOut.Count == 0) throw new UsageException($"{path} has no class of {n} images, so none can be held out; expected --test, or a smaller --hold-out.");
            (train, judged, what) = (kept, heldOut, $"{whole.Name}, every {n}th of each class");
        }
        CheckClasses(train, judged);
        if (parsed.GetValue(limit) is int most) (train, judged) = (ImageChoice.Spread(train, most), ImageChoice.Spread(judged, most));
        return new LabelledData(encoder.Adapt(train), encoder.Adapt(judged), what);
    }

    private static void CheckClasses(IImageSet train, IImageSet judged)
    {
        if (judged.Classes.Count == 0) throw new UsageException($"{judged.Name} has no classes; expected those of {train.Name}.");
        // Numbers only count up to the highest label that occurs.
        if (IsNumbered(train) || IsNumbered(judged) || train.Classes.SequenceEqual(judged.Classes)) return;
        throw new UsageException($"{train.Name} has the classes {Some(train)}, {judged.Name} has {Some(judged)}; expected the same in both.");
    }

    private static bool IsNumbered(IImageSet set) => set.Classes.Select((name, i) => name == $"{i}").All(same => same);

    private static string Some(IImageSet set) => string.Join(", ", set.Classes.Take(8)) + (set.Classes.Count > 8 ? $" … ({set.Classes.Count})" : "");
}
