using MoCo.Data;

namespace MoCo.Loading;

/// <summary>An image could not be loaded, or too many could not; the message names it, or them.</summary>
public sealed class LoaderException : Exception
{
    private const int Listed = 10;

    internal LoaderException(string source, string location, int index, Exception? cause)
        : base($"{location}: could not be loaded. {cause?.Message}", cause) => (SourceName, Index) = (source, index);

    internal LoaderException(string source, int index, int errors, long total, LoaderOptions options, IReadOnlyList<SourceError> first)
        : base(TooMany(source, errors, total, options, first)) => (SourceName, Index, Errors) = (source, index, first);

    /// <summary>The source's name.</summary>
    public string SourceName { get; }

    /// <summary>The number in its source, from 0, of the image that ended the pass.</summary>
    public int Index { get; }

    /// <summary>Where too many images could not be read, the first of them; else empty.</summary>
    public IReadOnlyList<SourceError> Errors { get; } = [];

    private static string TooMany(string source, int errors, long total, LoaderOptions options, IReadOnlyList<SourceError> first)
    {
        double share = options.MaximumErrorShare, most = options.MostErrors(total);
        string allowed = most > share * total ? Invariant($"{most}, or {share:P2},") : Invariant($"{share:P2}");
        string sentence = Invariant(
            $"{source}: {errors} of {total} images could not be read ({errors / (double)total:P2}); at most {allowed} are allowed");
        string option = $"{nameof(LoaderOptions)}.{nameof(LoaderOptions.MaximumErrorShare)}";
        return $"{sentence} ({option}). The first:\n{string.Join('\n', first.Take(Listed))}";
    }
}
