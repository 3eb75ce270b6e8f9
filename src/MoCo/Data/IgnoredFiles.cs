using System.Globalization;

namespace MoCo.Data;

/// <summary>What an <see cref="ImageFolder"/> met and left out.</summary>
/// <param name="Hidden">Files and folders whose names begin with a dot.</param>
/// <param name="OtherKinds">Files that do not end as images do.</param>
/// <param name="Special">Pipes, sockets and devices.</param>
/// <param name="BrokenLinks">Links that lead nowhere.</param>
/// <param name="RepeatedFolders">Links to folders that were already met on another way, loops among them.</param>
/// <param name="UnreadableFolders">Folders that could not be looked into.</param>
/// <param name="Unlabelled">Images beside the class folders.</param>
public readonly record struct IgnoredFiles(
    long Hidden, long OtherKinds, long Special, long BrokenLinks, long RepeatedFolders, long UnreadableFolders, long Unlabelled)
{
    /// <summary>All of them.</summary>
    public long Total => Hidden + OtherKinds + Special + BrokenLinks + RepeatedFolders + UnreadableFolders + Unlabelled;

    /// <summary>The kinds that were met, with their numbers; "nothing" where there were none.</summary>
    public override string ToString()
    {
        (long Number, string What)[] kinds =
        [
            (Hidden, "hidden"), (OtherKinds, "no images by name"), (Special, "pipes, sockets or devices"), (BrokenLinks, "broken links"),
            (RepeatedFolders, "folders met twice"), (UnreadableFolders, "unreadable folders"), (Unlabelled, "images beside the class folders"),
        ];
        var met = kinds.Where(kind => kind.Number > 0).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Number:N0} {kind.What}"));
        return string.Join(", ", met.DefaultIfEmpty("nothing"));
    }
}
