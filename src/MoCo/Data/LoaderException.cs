namespace MoCo.Data;

/// <summary>A picture could not be read or a view of it could not be made; the inner exception says why.</summary>
public sealed class LoaderException : Exception
{
    /// <summary>Names the picture.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="index">The picture's number in its source.</param>
    /// <param name="cause">What happened.</param>
    public LoaderException(string source, int index, Exception cause)
        : base($"{source}: picture {index} could not be loaded. {cause?.Message}", cause)
    {
        (SourceName, Index) = (source, index);
    }

    /// <summary>The source's name.</summary>
    public string SourceName { get; }

    /// <summary>The picture's number in its source, from 0.</summary>
    public int Index { get; }
}
