using MoCo.Evaluation.Search;
using Samples.Encoders;

namespace Search;

/// <summary><c>search query</c>: the images of an index that are most like others.</summary>
internal static class QueryCommand
{
    public static Command Create(CancellationToken stop)
    {
        EncoderFlags settings = new();
        Argument<string[]> images = new("image") { Description = "one image or more", HelpName = "IMAGE", Arity = ArgumentArity.OneOrMore };
        Option<int> top = Numbers.Whole("--top", "how many to find for each", 12, 1, 1000);
        Option<string?> html = OutputFile.Option("--html", "write a page with the images");
        Option<string> encoder = Values.Word("FILE").Option("--encoder", "the encoder that made the index, if it was moved since");
        Command command = new(
            "query",
            "Finds the images that are most like a given one, by the cosine similarity of their embeddings. An image that is in the index "
                + "itself is left out of its own hits.") { images, IndexNotes.Index, top, html, encoder, IndexNotes.Moved };
        foreach (Option option in settings.Machine) command.Add(option);
        command.SetWork(parsed =>
        {
            string? page = parsed.GetValue(html);
            string[] paths = parsed.GetValue(images)!;
            foreach (string path in paths) NamedPath.File("IMAGE", path, "an image");
            (SimilarityIndex index, IndexNotes notes) = IndexNotes.Open(parsed);
            using SimilarityIndex opened = index;
            using OpenedEncoder network = OpenedEncoder.Open(notes.Choice(settings.Read(parsed, parsed.GetValue(encoder)
                ?? NamedPath.File("the index's encoder", notes.Encoder, "it where it was, or --encoder with its place"))));
            UsageException.ThrowIf(
                network.Dimension != index.Dimension,
                $"The encoder gives {network.Dimension} numbers, the index has {index.Dimension}; "
                    + "expected the encoder that made it.");

            ImageList source = new(paths);
            using FeatureSet features = network.Extract(network.Loader(network.Adapt(source)), stop);
            foreach (string line in LeftOut.Lines(source.Errors)) Console.Error.WriteLine(line);
            // One more, in case the image itself is among them.
            int count = Math.Min(parsed.GetValue(top) + 1, index.Count);
            IReadOnlyList<IReadOnlyList<(int Index, string Name, float Similarity)>> found = index.Search(features.Features, count, stop);
            List<(Hit, Hit[])> groups = [];
            for (int i = 0; i < found.Count; i++)
            {
                string asked = paths[features.Indices?[i] ?? i], path = Path.GetFullPath(asked);
                IEnumerable<Hit> others = found[i].Select(hit => new Hit(hit.Name, notes.FileOf(hit.Name), hit.Similarity));
                Hit[] hits = [.. others.Where(hit => !ImageSources.IsSameFile(hit.Path, path)).Take(parsed.GetValue(top))];
                groups.Add((new Hit(Path.GetFileName(path), path, null), hits));
                Console.WriteLine($"{asked}:");
                foreach (Hit hit in hits) Console.WriteLine($"  {hit.Similarity:F4}  {hit.Name}");
            }
            if (page is not null) HitPage.Write(page, $"{Counted.Of(index.Count, "image")} searched", groups, stop);
        });
        return command;
    }
}

/// <summary>Some files as a source of images.</summary>
internal sealed class ImageList(IReadOnlyList<string> paths) : IImageSource
{
    public string Name => paths.Count == 1 ? paths[0] : $"{paths.Count} images";

    public int Count => paths.Count;

    public int Channels => 3;

    public IReadOnlyList<string> Classes => [];

    public SourceErrors Errors { get; } = new();

    public int? Label(int index) => null;

    public string Locate(int index) => paths[index];

    public void Read(int index, ImageBuffer into) => ImageDecoder.Default.Decode(File.ReadAllBytes(paths[index]), into);
}
