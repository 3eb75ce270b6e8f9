using System.Diagnostics;
using MoCo.Evaluation.Search;
using Samples.Encoders;

namespace Search;

/// <summary><c>search index</c>: embeds every image of a folder.</summary>
internal static class IndexCommand
{
    public static Command Create(CancellationToken stop)
    {
        EncoderFlags settings = new();
        Argument<string> folder = new("dir") { Description = "images, at any depth", HelpName = "DIR" };
        Option<string> encoder = new("--encoder")
        {
            Description = "a run's folder or any file of an encoder's weights: of this library, safetensors, torchvision, official MoCo "
                + "and others",
            HelpName = "FILE",
            Required = true,
        };
        Option<string?> output = IndexNotes.Out();
        Option<string[]?> extensions = DataFlags.ExtensionsOption();
        Command command = new(
            "index",
            "Embeds every image of a folder and writes an index: a safetensors file, and beside it a small JSON file that says what a "
                + "query must know.") { folder, encoder, output, extensions };
        foreach (Option option in settings.All) command.Add(option);
        command.SetWork(parsed =>
        {
            string path = parsed.GetValue(output)!, from = NamedPath.Folder("DIR", parsed.GetValue(folder)!, "a folder of images");
            EncoderChoice choice = settings.Read(parsed, parsed.GetValue(encoder)!);
            using OpenedEncoder opened = OpenedEncoder.Open(choice);
            Console.WriteLine($"{choice.Path}: {opened.Summary}");
            // A link to an image that is there already would be found as its double.
            SourceOptions reading = DataFlags.Reading(parsed.Given(extensions));
            IImageSource images = ImageSources.OpenFolder(from, reading with { Labels = false, EachFileOnce = true });
            string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(from));
            Console.WriteLine($"{images.Name}: {Counted.Of(images.Count, "image")}");
            foreach (string note in images.Notes) Console.WriteLine(note);

            long started = Stopwatch.GetTimestamp();
            using FeatureSet features = opened.Extract(opened.Loader(opened.Adapt(images)), stop);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            IEnumerable<string> files = Enumerable.Range(0, features.Count).Select(row => images.Locate(features.Indices?[row] ?? row));
            using SimilarityIndex index = new(features.Features, files.Select(file => Path.GetRelativePath(root, file)));
            index.Save(path);
            new IndexNotes(
                root, Path.GetFullPath(choice.Path), choice.Embedding, opened.Options.Stem, opened.Size,
                opened.Normalization.Mean, opened.Normalization.Deviation).Save(path);
            foreach (string line in LeftOut.Lines(images.Errors)) Console.Error.WriteLine(line);
            string size = $"{Counted.Of(index.Count, "image")} of {index.Dimension} numbers, {new FileInfo(path).Length:N0} bytes";
            Console.WriteLine($"{path}: {size}, {index.Count / seconds:N0} images/s");
        });
        return command;
    }
}
