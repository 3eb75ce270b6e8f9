namespace MakeShards;

/// <summary>What was asked for.</summary>
/// <param name="Out">The folder for the shards, made if missing.</param>
/// <param name="Prefix">What the shards' names begin with.</param>
/// <param name="ShardSize">Images in a shard, at most.</param>
/// <param name="ShardBytes">Bytes of a shard, at most, but for a single larger image.</param>
/// <param name="Shuffle">Whether images are mixed; a stream is only mixed within its buffer later.</param>
internal sealed record Request(
    string Folder, string Out, string Prefix, int ShardSize, long ShardBytes, bool Shuffle, long Seed, SourceOptions Reading)
{
    /// <summary>How many images may be unreadable.</summary>
    public LoaderOptions Errors { get; init; } = new();
}

/// <summary>The command line.</summary>
internal static class Arguments
{
    private static readonly ValueKind<string> FileName = new("NAME", text =>
        text.Length > 0 && text[0] != '.' && !text.Any(@"/\*?{},".Contains) ? text
            : throw new FormatException("the beginning of a file's name, without / \\ * ? { } or a comma"));

    public static RootCommand Command(Action<Request> work)
    {
        Argument<string> folder = new("folder") { Description = "images, in class folders or directly" };
        Argument<string> output = new("out") { Description = "folder for the shards; made if missing, nothing in it is overwritten" };
        Option<string> prefix = FileName.Option("--prefix", "what the shards' names begin with").Or("shard");
        Option<int> size = Numbers.Whole("--shard-size", "images in a shard, at most", 10_000, 1, 10_000_000);
        Option<int> megabytes = Numbers.Whole("--megabytes", "size of a shard, at most, in units of 1,000,000 bytes", 1_000, 1, 1 << 20);
        Option<long> seed = Values.Whole<long>().Option("--seed", "seed of the order");
        Option<bool> ordered
            = new("--ordered") { Description = "keep the folder's order; else images are mixed, so that every shard holds every kind" };
        Option<bool> flat = new("--no-labels") { Description = "take all images at any depth, without labels" };
        Option<string[]?> extensions = DataFlags.ExtensionsOption();
        Option<double> errors = DataFlags.MostErrorsOption();
        RootCommand command = new("Packs a folder of images into tar files in WebDataset's layout.")
        {
            folder, output, prefix, size, megabytes, seed, ordered, flat, extensions, errors,
        };
        // Not SetWork: this program comes without torch.
        command.SetAction(parsed => work(new Request(
            NamedPath.Folder("FOLDER", parsed.GetRequiredValue(folder), "a folder of images"),
            parsed.GetRequiredValue(output), parsed.GetRequiredValue(prefix),
            parsed.GetValue(size), parsed.GetValue(megabytes) * 1_000_000L, !parsed.GetValue(ordered), parsed.GetValue(seed),
            DataFlags.Reading(parsed.Given(extensions)) with
            {
                Labels = parsed.GetValue(flat) ? false : null,
            })
        {
            Errors = new() { MaximumErrorShare = parsed.GetValue(errors) },
        }));
        return command;
    }
}
