using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Search;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;
using Samples.Evaluation;

namespace Search;

/// <summary><c>search index</c>: embeds every image of a folder.</summary>
internal static class IndexCommand
{
    public static Command Create(CancellationToken stop)
    {
        var settings = new EncoderFlags();
        Argument<string> folder = new("dir") { Description = "images, at any depth", HelpName = "DIR" };
        Option<string> encoder = new("--encoder") { Description = "a run's folder or any file of a ResNet's weights: of this library, safetensors, torchvision, official MoCo and others", HelpName = "FILE", Required = true };
        Option<string> output = new("--out") { Description = "the index to make or replace", HelpName = "FILE", DefaultValueFactory = _ => "index.safetensors" };
        var command = new Command("index", "Embeds every image of a folder and writes an index: a safetensors file, and beside it a small JSON file that says what a query must know.") { folder, encoder, output };
        settings.AddTo(command);
        command.SetWork(parsed =>
        {
            string path = parsed.GetValue(output)!;
            OutputFile.Check(path);
            EncoderChoice choice = settings.Read(parsed, parsed.GetValue(encoder)!);
            using OpenedEncoder opened = OpenedEncoder.Open(choice);
            Console.WriteLine($"{choice.Path}: {opened.Summary}");
            var images = new ImageFolder(parsed.GetValue(folder)!, new ImageFolderOptions { Labels = ImageFolderLabels.None });
            Console.WriteLine($"{images.Name}: {images.Count:N0} images");

            long started = Stopwatch.GetTimestamp();
            using FeatureSet features = opened.Extract(opened.Loader(opened.Adapt(images)), stop);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            string[] names = [.. Enumerable.Range(0, features.Count).Select(row => Path.GetRelativePath(images.FullPath, images.Locate(features.Indices?[row] ?? row)))];
            using var index = new SimilarityIndex(features.Features, names);
            index.Save(path);
            new IndexNotes(images.FullPath, Path.GetFullPath(choice.Path), choice.Embedding, opened.Options.Stem, opened.Size, opened.Normalization.Mean, opened.Normalization.Deviation).Save(path);
            foreach (SourceError error in images.Errors.First.Take(10)) Console.Error.WriteLine($"left out {error}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {index.Count:N0} images of {index.Dimension} numbers, {new FileInfo(path).Length:N0} bytes, {index.Count / seconds:N0} images/s"));
        });
        return command;
    }
}
