namespace MoCo.Data;

/// <summary>An image that could not be read.</summary>
/// <param name="Location">Its file, or where else it lies.</param>
/// <param name="Reason">What is wrong with it.</param>
public readonly record struct SourceError(string Location, string Reason)
{
    /// <summary>Both, as messages say it.</summary>
    public override string ToString() => $"{Location}: {Reason}";
}
