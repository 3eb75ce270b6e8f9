using MoCo.Data;

namespace MoCo.Tests.Shared;

internal static class SourceNotes
{
    /// <summary>What a source notes of itself, a line each.</summary>
    internal static string Told(this IImageSet set) => string.Join('\n', set.Notes);
}
