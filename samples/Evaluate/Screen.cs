using System.Diagnostics;
using MoCo.Evaluation;
using Samples.Encoders;
using Spectre.Console;

namespace Evaluate;

/// <summary>What is shown: lines and tables that stay, and on a terminal a line that tells how far the work is.</summary>
internal static class Screen
{
    private const int WidthWithoutTerminal = 160;

    static Screen()
    {
        if (!Console.IsOutputRedirected) return;
        Terminal.MakePlain();
        AnsiConsole.Profile.Width = WidthWithoutTerminal;
    }

    public static void Say(string line) => Console.WriteLine(line);

    public static void Show(Table table) => AnsiConsole.Write(table.Border(TableBorder.Rounded));

    /// <summary>A table with a column of names and columns of numbers.</summary>
    public static Table Table(string title, string first, params string[] numbers)
    {
        Table table = new Table().Title(Markup.Escape(title)).AddColumn(Markup.Escape(first));
        foreach (string column in numbers) table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
        return table;
    }

    /// <summary>A row of texts as they are, whatever brackets they have.</summary>
    public static Table Row(this Table table, params string[] cells) =>
        table.AddRow([.. cells.Select(cell => new Markup(Markup.Escape(cell)))]);

    public static string Percent(double share) => double.IsFinite(share) ? $"{100 * share:F2} %" : "–";

    /// <summary>Trains, telling how far it is.</summary>
    public static T Training<T>(string what, Func<IProgress<ClassifierProgress>, T> train) => During(what, tell =>
        train(new Telling<ClassifierProgress>(now => tell($"{(now.Choosing ? "choosing a learning rate" : "training")}, "
            + $"epoch {now.Epoch} of {now.Epochs}, loss {now.Loss:F3}"))));

    /// <summary>Works, telling how far it is.</summary>
    public static T During<T>(string what, Func<Action<string>, T> work) => Terminal.IsLive
        ? AnsiConsole.Status().Start(Markup.Escape(what), context => work(text => context.Status(Markup.Escape($"{what} {text}"))))
        : work(_ => { });

    /// <summary>Runs an encoder over views of images, in its channels, and says how fast it was.</summary>
    public static FeatureSet Extract(
        OpenedEncoder encoder, IImageSet images, CancellationToken stop, AugmentationRecipe? recipe = null, LoaderOptions? options = null)
    {
        SingleViewLoader loader = encoder.Loader(images, recipe, options);
        string name = images.Name;
        SourceErrors errors = loader.Source.Errors;
        int told = errors.First.Count;
        return During($"{name}:", tell =>
        {
            long started = Stopwatch.GetTimestamp();
            using Timer timer = new(_ => tell(
                $"{loader.Statistics.Images:N0} of {loader.Count:N0} images, {loader.Statistics.ImagesPerSecond:N0}/s"), null, 500, 500);
            FeatureSet features = encoder.Extract(loader, stop);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            long missing = loader.Count - features.Count;
            string left = missing == 0 ? "" : $"; {missing:N0} could not be read";
            int unlabelled = features.Labels?.Count(label => label == FeatureSet.Unlabelled) ?? 0;
            if (unlabelled > 0) left += $"; {unlabelled:N0} without a label, left out where labels count";
            string what = $"{encoder.Output} of {Counted.Of(features.Count, "image")}";
            Say($"{name}: {what} in {seconds:F1} s, {features.Count / seconds:N0}/s{left}");
            foreach (string line in LeftOut.Lines(errors.First.Skip(told), missing)) Say(line);
            return features;
        });
    }

    /// <summary>The same by all ranks where several were launched: each takes its share of the images, and rank 0 has all
    /// features.</summary>
    /// <returns>Null on another rank, whose work is done.</returns>
    /// <exception cref="UsageException">The images are a stream, which ranks can't share.</exception>
    public static FeatureSet? ExtractTogether(OpenedEncoder encoder, IImageSet images, CancellationToken stop)
    {
        EncoderChoice choice = encoder.Choice;
        if (choice.Group.Size == 1) return Extract(encoder, images, stop);
        if (images is not IImageSource source)
            throw new UsageException(
                $"{images.Name} is a stream of shards, whose images ranks can't share by number; expected one process.");
        UsageException.ThrowIf(
            choice.DecodeSmaller, "--decode-scale has no effect in several processes; expected one, or it without.");
        long started = Stopwatch.GetTimestamp();
        FeatureSet? features = FeatureSet.ExtractTogether(choice.Group, encoder.Network, source, encoder.Views, choice.BatchSize,
            choice.Device, choice.Workers, choice.MaximumErrorShare);
        if (features is null) return null;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        string what = $"{encoder.Output} of {Counted.Of(features.Count, "image")}";
        Say($"{images.Name}: {what} in {seconds:F1} s, {features.Count / seconds:N0}/s, by {choice.Group.Size} processes");
        return features;
    }
}

/// <summary>Passes progress on at once, on the thread that works.</summary>
internal sealed class Telling<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
