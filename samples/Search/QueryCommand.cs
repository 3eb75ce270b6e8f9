using System.CommandLine;
using System.Globalization;
using MoCo.Evaluation;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;

namespace Search;

/// <summary><c>search query</c>: the pictures of an index that are most like others.</summary>
internal static class QueryCommand
{
    public static Command Create(CancellationToken stop)
    {
        var settings = new EncoderFlags();
        Argument<string[]> pictures = new("picture") { Description = "one picture or more", HelpName = "PICTURE", Arity = ArgumentArity.OneOrMore };
        Option<int> top = Numbers.Whole("--top", "how many to find for each", 12, 1, 1000);
        Option<string?> html = new("--html") { Description = "write a page with the pictures", HelpName = "FILE" };
        Option<string?> encoder = new("--encoder") { Description = "the encoder that made the index, if it was moved since", HelpName = "FILE" };
        var command = new Command("query", "Finds the pictures that are most like a given one, by the cosine similarity of their embeddings. A picture that is in the index itself is left out of its own hits.") { pictures, OpenedIndex.FileOption, top, html, encoder, OpenedIndex.FolderOption };
        settings.AddMachineTo(command);
        command.SetWork(parsed =>
        {
            string? page = parsed.GetValue(html);
            if (page is not null) HitPage.CheckFile(page);
            string[] paths = parsed.GetValue(pictures)!;
            if (paths.FirstOrDefault(path => !File.Exists(path)) is { } missing) throw new UsageException($"{missing}: no such file; expected a picture.");
            using OpenedIndex opened = OpenedIndex.Open(parsed);
            using OpenedEncoder network = OpenedEncoder.Open(opened.Notes.Choice(settings.Read(parsed, ""), parsed.GetValue(encoder)));
            if (network.Dimension != opened.Index.Dimension) throw new UsageException($"The encoder gives {network.Dimension} numbers, the index has {opened.Index.Dimension}; expected the encoder that made it.");

            var source = new PictureList(paths);
            using FeatureSet features = network.Extract(network.Loader(network.Adapt(source), options: new() { Shuffle = false, MaximumFaultShare = 0 }), stop);
            // One more, in case the picture itself is among them.
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
            if (page is not null) HitPage.Write(page, $"{opened.Index.Count:N0} pictures searched", groups, stop);
        });
        return command;
    }

    private static void Show(string picture, Hit[] hits)
    {
        Console.WriteLine($"{picture}:");
        foreach (Hit hit in hits) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {hit.Similarity:F4}  {hit.Name}"));
    }
}
