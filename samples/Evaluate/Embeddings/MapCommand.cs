using MoCo.Evaluation.Diagnostics;
using Samples.Encoders;

namespace Evaluate.Embeddings;

/// <summary><c>evaluate map</c>: embeddings as a map to look at.</summary>
internal static class MapCommand
{
    private const int MostThumbnails = 2000, ThumbnailSide = 48;

    public static Command Create(CancellationToken stop)
    {
        EncoderFlags flags = new();
        Argument<string?> path = new("encoder")
        {
            Description = "an encoder's weights or a run's folder, with --data",
            HelpName = "ENCODER",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> embeddings = new("--embeddings") { Description = "a file that embed wrote, instead of both", HelpName = "FILE" };
        DataOptions data = new("images, labelled or not", isRequired: false);
        Option<string?> html = OutputFile.Option("--html", "the page to make or replace");
        html.Required = true;
        Option<int> limit = Numbers.Whole("--limit", "show no more than n images, spread over them all", 50_000, 1, 100_000);
        Option[] ofImages = [.. data.All, .. flags.All];
        Command command = new("map", """
            Makes a page with a map of embeddings along the two directions in which they differ most (PCA): each point is an image, colored
            by its class, with its name, and of some the image, for the pointer. Drag and wheel move and enlarge it; the page is one file
            without network. The embeddings are a file's, or made now.

              evaluate map runs/first --data photos --html map.html
              evaluate embed runs/first --data photos --out photos.safetensors
              evaluate map --embeddings photos.safetensors --html map.html
            """) { path, embeddings, html, limit };
        foreach (Option option in ofImages) command.Add(option);
        command.SetWork(parsed =>
        {
            (string? encoder, string? file) = (parsed.GetValue(path), parsed.GetValue(embeddings));
            UsageException.ThrowIf(
                encoder is null == file is null, $"{(file is null ? "neither" : "both")} ENCODER and --embeddings given; expected one.");
            RunReport report;
            if (file is null)
            {
                UsageException.ThrowIf(!parsed.IsGiven(data.Data), "--data is missing; expected the images for the encoder.");
                using OpenedEncoder opened = OpenedEncoder.Open(flags.Read(parsed, encoder!));
                report = OfImages(opened, data.Open(parsed), parsed.GetValue(limit), stop);
            }
            else
            {
                Option? idle = ofImages.FirstOrDefault(parsed.IsGiven);
                UsageException.ThrowIf(idle is not null, $"{idle?.Name} has no effect on the embeddings of a file; expected it without.");
                report = OfFile(NamedPath.File(embeddings.Name, file, "a safetensors file that embed wrote"), parsed.GetValue(limit));
            }
            report.Save(parsed.GetValue(html)!);
            (double x, double y) = (report.Map!.Value.Components.ShareX, report.Map.Value.Components.ShareY);
            Screen.Say($"written: {parsed.GetValue(html)}, {Counted.Of(report.Map.Value.Images.Count, "image")}; the two directions have "
                + $"{Screen.Percent(x)} and {Screen.Percent(y)} of the variance");
        });
        return command;
    }

    private static RunReport OfImages(OpenedEncoder encoder, IImageSet all, int limit, CancellationToken stop)
    {
        Screen.Say($"{encoder.Choice.Path}: {encoder.Summary}");
        foreach (string note in all.Notes) Screen.Say(note);
        all = DataFlags.Spread(all, limit);
        using FeatureSet features = Screen.Extract(encoder, encoder.Adapt(all), stop);
        IImageSource? source = all as IImageSource;
        Thumbnails thumbnails = new(ThumbnailSide);
        int every = (features.Count + MostThumbnails - 1) / MostThumbnails;
        ReportImage[] images = [.. Enumerable.Range(0, features.Count).Select(Image)];
        return Report($"Map of {all.Name}", $"{encoder.Choice.Path}: {encoder.Summary}", features.Features, images);

        ReportImage Image(int row)
        {
            stop.ThrowIfCancellationRequested();
            int index = features.Indices?[row] ?? row;
            string? label = Label(features, row, all.Classes);
            return source is null ? new($"image {index}", label, default)
                : new(Path.GetFileName(source.Locate(index)), label,
                    row % every == 0 ? thumbnails.Jpeg(buffer => source.Read(index, buffer)) : default);
        }
    }

    private static RunReport OfFile(string file, int limit)
    {
        (FeatureSet features, IReadOnlyList<string> names, IReadOnlyList<string> classes) = FeatureSet.ReadFile(file);
        using (features)
        {
            int count = Math.Min(limit, features.Count);
            int[] rows = [.. Enumerable.Range(0, count).Select(i => (int)((i + 0.5) * features.Count / count))];
            using Tensor numbers = tensor(rows, dtype: ScalarType.Int64), chosen = features.Features.index_select(0, numbers);
            ReportImage[] images = [.. rows.Select(row => new ReportImage(names[row], Label(features, row, classes), default))];
            return Report($"Map of {Path.GetFileName(file)}", $"{file}, {features.Dimension} numbers an image", chosen, images);
        }
    }

    private static RunReport Report(string title, string subtitle, Tensor features, ReportImage[] images) => new()
    {
        Title = title,
        Subtitle = subtitle,
        Map = (PrincipalComponents.Of(features), images),
    };

    private static string? Label(FeatureSet features, int row, IReadOnlyList<string> classes) =>
        features.Labels?[row] is not (>= 0 and int label) ? null : label < classes.Count ? classes[label] : $"class {label}";
}
