namespace MoCo.Validation;

/// <summary>Numbers of things as people write them.</summary>
internal static class Counted
{
    /// <summary>The number and the word for one or for several; for several without a word of theirs, that for one with an s.</summary>
    public static string Of(long count, string one, string? several = null) =>
        FormattableString.Invariant($"{count:N0} {(count == 1 ? one : several ?? one + "s")}");
}
