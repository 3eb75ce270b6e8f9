using System.Collections;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Evaluation.Features;

/// <summary>Images with their names: where each lies, below a folder relative to it. Of a stream they are noted while it is read.</summary>
internal sealed class NamedImages
{
    private readonly string[] prefixes;
    private readonly ConcurrentDictionary<long, string>? met;

    /// <param name="images">A source or a stream.</param>
    /// <param name="folder">Null: names are whole.</param>
    public NamedImages(IImageSet images, string? folder)
    {
        ArgumentNullException.ThrowIfNull(images);
        IEnumerable<string> folders = folder is null ? [] : [Path.GetFullPath(folder), folder];
        prefixes = [.. folders.Select(path => $"{Slashed(Path.TrimEndingDirectorySeparator(path))}/")];
        if (images is IImageStream stream) Images = new NotedStream(stream, met = []);
        else Images = images;
    }

    /// <summary>The images, to be read from here.</summary>
    public IImageSet Images { get; }

    public string NameOf(int index)
    {
        string told = Slashed(met is null ? ((IImageSource)Images).Locate(index) : met[index]);
        string? prefix = Array.Find(prefixes, start => told.StartsWith(start, StringComparison.Ordinal));
        return prefix is null ? told : told[prefix.Length..];
    }

    /// <summary>Lets go of the names of images before a number.</summary>
    public void Forget(long end)
    {
        if (met is null) return;
        foreach (long number in met.Keys)
            if (number < end) met.TryRemove(number, out _);
    }

    /// <summary>What tells these images from others: their names and labels; of a stream its name and how many there are.</summary>
    public string Digest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (Images is IImageSource source)
        {
            for (int index = 0; index < source.Count; index++)
                hash.AppendData(Encoding.UTF8.GetBytes($"{NameOf(index)}\0{source.Label(index) ?? FeatureSet.Unlabelled}\n"));
        }
        else
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{Images.Name}\0{((IImageStream)Images).Count}"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Slashed(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>A stream that notes where each image lies.</summary>
    private sealed class NotedStream(IImageStream stream, ConcurrentDictionary<long, string> met) : IImageStream
    {
        public string Name => stream.Name;

        public int Channels => stream.Channels;

        public IReadOnlyList<string> Classes => stream.Classes;

        public IEnumerable<string> Notes => stream.Notes;

        public SourceErrors Errors => stream.Errors;

        public long Count => stream.Count;

        public IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip) =>
            new Noted(this, stream.Open(seed, epoch, shuffle, rank, ranks, skip), skip);

        public void Decode(EncodedImage image, ImageBuffer into) => stream.Decode(image, into);

        private sealed class Noted(NotedStream owner, IEnumerator<EncodedImage> images, long place) : IGivenAway
        {
            private long place = place;

            public EncodedImage Current => images.Current;

            object IEnumerator.Current => Current;

            public bool IsGivenAway { get; } = images is IGivenAway { IsGivenAway: true };

            public bool MoveNext()
            {
                if (!images.MoveNext()) return false;
                owner.Note(place, Current.Location is { Length: > 0 } told ? told : $"{owner.Name}, image {place}");
                place++;
                return true;
            }

            public void Reset() => images.Reset();

            public void Dispose() => images.Dispose();
        }

        private void Note(long place, string location) => met[place] = location;
    }
}
