namespace MakeShards;

/// <summary>What was made.</summary>
/// <param name="Pattern">The shards, as <see cref="ImageSources"/> and WebDataset take them.</param>
/// <param name="Classes">Classes of the folder, 0 where there are no labels.</param>
/// <param name="Errors">Files that could not be read.</param>
internal sealed record Outcome(string Pattern, int Shards, long Images, int Classes, SourceErrors Errors);

/// <summary>From a folder of images to shards.</summary>
internal static class ShardMaker
{
    /// <param name="cancellation">Stops between two images; shards that are whole by then stay.</param>
    /// <exception cref="IOException">No image can be read, the shards cannot be written, or some exist.</exception>
    /// <exception cref="LoaderException">More images than allowed cannot be read.</exception>
    public static Outcome Run(Request request, Action<int, int> progress, CancellationToken cancellation)
    {
        string folder = Path.GetFullPath(request.Out);
        OutputFile.CheckOutside(request.Out, request.Folder);
        RequireNone(folder, request.Prefix);
        IImageSource source = ImageSources.OpenFolder(request.Folder, request.Reading);
        int[] order = [.. Enumerable.Range(0, source.Count)];
        if (request.Shuffle) SampleRandom.ForEpoch(request.Seed, epoch: 0).Shuffle<int>(order);
        Directory.CreateDirectory(folder);

        EncodedImage image = new();
        int shards = 0;
        long written = 0;
        ShardWriter? shard = null;
        try
        {
            for (int done = 0; done < order.Length; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                progress(done, order.Length);
                if (!TryRead(source, order[done], image))
                {
                    request.Errors.CheckErrors(source, order[done]);
                    continue;
                }
                if (shard?.Images == request.ShardSize || shard?.Bytes + ShardWriter.SizeOf(image) > request.ShardBytes)
                {
                    shard!.Finish();
                    shard = null;
                }
                shard ??= new ShardWriter(Path.Combine(folder, Name(request.Prefix, shards++)));
                string ending = Path.GetExtension(source.Locate(order[done])).ToLowerInvariant();
                shard.Add($"{written++:D9}", ending, image);
            }
            shard?.Finish();
            progress(order.Length, order.Length);
        }
        finally
        {
            shard?.Dispose();
        }
        if (written == 0)
            throw new IOException($"{request.Folder}: none of {source.Count} images can be read; the first: {source.Errors.First[0]}");
        if (source.Classes.Count > 0)
            OutputFile.Replace(ClassesFile(folder, request.Prefix), string.Concat(source.Classes.Select(name => name + "\n")));
        string pattern = Path.Combine(request.Out, Pattern(request.Prefix, shards));
        return new Outcome(pattern, shards, written, source.Classes.Count, source.Errors);
    }

    private static bool TryRead(IImageSource source, int index, EncodedImage image)
    {
        try
        {
            image.ReadFile(source.Locate(index));
            image.Label = source.Label(index);
            return true;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            source.Errors.Record(source.Locate(index), error.Message);
            return false;
        }
    }

    /// <summary>Nothing is ever overwritten, and new shards beside old ones of the same name would be taken for one set.</summary>
    private static void RequireNone(string folder, string prefix)
    {
        if (File.Exists(folder)) throw new IOException($"{folder}: expected a folder, found a file.");
        if (!Directory.Exists(folder)) return;
        string? old = Directory.EnumerateFiles(folder, $"{prefix}-*.tar").Append(ClassesFile(folder, prefix)).FirstOrDefault(File.Exists);
        if (old is not null)
            throw new IOException($"{old}: exists, and shards are never overwritten. Remove it, or give another folder or --prefix.");
    }

    private static string ClassesFile(string folder, string prefix) => Path.Combine(folder, $"{prefix}-classes.txt");

    private static string Name(string prefix, int number) => $"{prefix}-{number:D6}.tar";

    private static string Pattern(string prefix, int shards) =>
        shards == 1 ? Name(prefix, 0) : $"{prefix}-{{000000..{shards - 1:D6}" + "}.tar";
}
