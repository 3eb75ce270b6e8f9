namespace MoCo.Data.Folders;

/// <summary>Finds names that lead to one file: links, on Linux also hard links.</summary>
internal static class RepeatedFiles
{
    /// <summary>Folders with each file once: under a name that is no link, where there is one, and else under the first.</summary>
    /// <param name="root">The folder above them.</param>
    /// <param name="folders">The folders as they were found.</param>
    /// <param name="count">Receives how many names were left out.</param>
    internal static List<ScannedFolder> LeaveOut(string root, List<ScannedFolder> folders, out long count)
    {
        HashSet<string> met = new(StringComparer.Ordinal);
        bool[][] keep = [.. folders.Select(folder => new bool[folder.Images.Count])];
        foreach (bool isLink in (ReadOnlySpan<bool>)[false, true])
        {
            for (int i = 0; i < folders.Count; i++)
            {
                for (int image = 0; image < keep[i].Length; image++)
                {
                    FileInfo file = new(Path.Combine(root, folders[i].Path, folders[i].Images[image]));
                    if (file.LinkTarget is not null == isLink) keep[i][image] = met.Add(FileIdentity.Of(file.FullName));
                }
            }
        }
        count = keep.Sum(kept => kept.LongCount(isKept => !isKept));
        return [.. folders.Zip(keep, (folder, kept) => folder with { Images = folder.Images.Where(kept) })
            .Where(folder => folder.Images.Count > 0)];
    }
}
