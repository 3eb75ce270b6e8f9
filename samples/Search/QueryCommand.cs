using System.CommandLine;
using System.Globalization;
using MoCo.Evaluation;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;

namespace Search;

/// <summary><c>search query</c>: the images of an index that are most like others.</summary>
internal static class QueryCommand
{
    public static Command Create(CancellationToken stop)
    {
        var settings = new EncoderOptions();
        Argument<string[]> images = new("image") { Description = "one image or more", HelpName = "IMAGE", Arity = ArgumentArity.OneOrMore };
        Option<int> top = Numbers.Whole("--top", "how many to find for each", 12, 1, 1000);
        Option<string?> html = new("--html") { Description = "write a page with the images", HelpName = "FILE" };
        Option<string?> encoder = new("--encoder") { Description = "the encoder that made the index, if it was moved since", HelpName = "FILE" };
        var command = new Command("query", "Finds the images that are most like a given one, by the cosine similarity of their embeddings. An image that is in the index itself is left out of its own hits.") { images, OpenedIndex.FileOption, top, html, encoder, OpenedIndex.FolderOption };
        settings.AddMachineTo(command);
        command.SetWork(parsed =>
        {
            string? page = parsed.GetValue(html);
            if (page is not null) HitPage.CheckFile(page);
            string[] paths = parsed.GetValue(images)!;
            if (paths.FirstOrDefault(path => !File.Exists(path)) is { } missing) throw new UsageException($"{missing}: no such file; expected an image.");
            using OpenedIndex opened = OpenedIndex.Open(parsed);
            using OpenedEncoder network = OpenedEncoder.Open(opened.Notes.Choice(settings.Read(parsed, ""), parsed.GetValue(encoder)));
            if (network.Dimension != opened.Index.Dimension) throw new UsageException($"The encoder gives {network.Dimension} numbers, the index has {opened.Index.Dimension}; expected the encoder that made it.");

            var source = new ImageList(paths);
            using FeatureSet features = network.Extract(network.Loader(network.Adapt(source), options: new() { Shuffle = false, MaximumErrorShare = 0 }), stop);
            // One more, in case the image itself is among them.
            int count = Math.Min(parsed.GetValue(top) + 1, opened.Index.Count);
            IReadOnlyList<IReadOnlyList<SimilarityHit>> found = opened.Index.Search(features.Features, count, stop);
            List<HitGroup> groups = [];
            for (int i = 0; i < found.Count; i++)
            {
                string path = Path.GetFullPath(paths[i]);
                Hit[] hits = [.. found[i].Select(hit => new Hit(hit.Name, opened.PathOf(hit.Index), hit.Similarity)).Where(hit => hit.Path != path).Take(parsed.GetValue(top))];
                groups.Add(new HitGroup(new Hit(Path.GetFileName(path), path, null), hits));
                Show(paths[i], hits);
            }
            if (page is not null) HitPage.Write(page, $"{opened.Index.Count:N0} images searched", groups, stop);
        });
        return command;
    }

    private static void Show(string image, Hit[] hits)
    {
        Console.WriteLine($"{image}:");
        foreach (Hit hit in hits) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {hit.Similarity:F4}  {hit.Name}"));
    }
}
