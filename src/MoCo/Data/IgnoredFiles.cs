using System.Globalization;

namespace MoCo.Data;

/// <summary>What an <see cref="ImageFolder"/> met and left out.</summary>
/// <param name="Hidden">Files and folders whose names begin with a dot.</param>
/// <param name="OtherKinds">Files, pipes, sockets, devices and broken links that do not end as images do.</param>
/// <param name="InvalidNames">Files and folders whose names are not valid text (UTF-8 on Linux), so that they cannot be opened.</param>
/// <param name="RepeatedFolders">Links to folders that were already met on another way, loops among them.</param>
/// <param name="UnreadableFolders">Folders that could not be looked into.</param>
/// <param name="Unlabelled">Images beside the class folders.</param>
public readonly record struct IgnoredFiles(long Hidden, long OtherKinds, long InvalidNames, long RepeatedFolders, long UnreadableFolders, long Unlabelled)
{
    /// <summary>All of them.</summary>
    public long Total => Hidden + OtherKinds + InvalidNames + RepeatedFolders + UnreadableFolders + Unlabelled;

    /// <summary>The kinds that were met, with their numbers; "nothing" where there were none.</summary>
    public override string ToString()
    {
        (long Number, string What)[] kinds =
        [
            (Hidden, "hidden"), (OtherKinds, "no images by name"), (InvalidNames, "with names that are not valid text"),
            (RepeatedFolders, "folders met twice"), (UnreadableFolders, "unreadable folders"), (Unlabelled, "images beside the class folders"),
        ];
        IEnumerable<string> met = kinds.Where(kind => kind.Number > 0)
            .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Number:N0} {kind.What}"));
        return string.Join(", ", met.DefaultIfEmpty("nothing"));
    }
}
