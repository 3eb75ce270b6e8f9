using System.Globalization;
using System.Text;
using MoCo.Data;

namespace MoCo.Loading;

/// <summary>A picture could not be loaded, or too many could not; the message names it, or them.</summary>
public sealed class LoaderException : Exception
{
    private const int Listed = 10;

    /// <summary>Names the picture.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="location">Where the picture lies: its file's path where it has one.</param>
    /// <param name="index">The picture's number in its source.</param>
    /// <param name="cause">What happened.</param>
    public LoaderException(string source, string location, int index, Exception? cause)
        : base($"{location}: could not be loaded. {cause?.Message}", cause)
    {
        (SourceName, Index) = (source, index);
    }

    internal LoaderException(string source, int index, int faults, long total, double allowed, IReadOnlyList<SourceFault> first)
        : base(TooMany(source, faults, total, allowed, first))
    {
        (SourceName, Index, Faults) = (source, index, first);
    }

    /// <summary>The source's name.</summary>
    public string SourceName { get; }

    /// <summary>The number in its source, from 0, of the picture that ended the pass.</summary>
    public int Index { get; }

    /// <summary>Where too many pictures could not be read, the first of them; else empty.</summary>
    public IReadOnlyList<SourceFault> Faults { get; } = [];

    private static string TooMany(string source, int faults, long total, double allowed, IReadOnlyList<SourceFault> first)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{source}: {faults} of {total} pictures could not be read ({faults / (double)total:P2}); at most {allowed:P2} are allowed ({nameof(LoaderOptions)}.{nameof(LoaderOptions.MaximumFaultShare)}). The first:");
        foreach (var fault in first.Take(Listed))
            text.Append('\n').Append(fault);
        return text.ToString();
    }
}
