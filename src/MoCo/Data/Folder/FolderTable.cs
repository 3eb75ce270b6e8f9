namespace MoCo.Data.Folder;

/// <summary>Joins the folders of a scan into one index.</summary>
internal static class FolderTable
{
    internal static FolderIndex Build(List<FoundFolder> found, List<int> labels, List<string> classes, bool labelled, IgnoredFiles ignored)
    {
        long images = 0, nameBytes = 0, pathBytes = 0;
        foreach (var folder in found)
        {
            images += folder.NameEnds.Length;
            nameBytes += folder.Names.Length;
            pathBytes += folder.Path.Length;
        }

        if (Math.Max(Math.Max(images, nameBytes), pathBytes) > Array.MaxLength)
            throw new InvalidOperationException($"{images} images whose names take {nameBytes} bytes, in folders whose paths take {pathBytes}: an index holds at most {Array.MaxLength} of each. Shards (TarShards) need no index.");

        byte[] names = new byte[nameBytes], paths = new byte[pathBytes];
        var nameEnds = new int[images];
        int[] pathEnds = new int[found.Count], imageEnds = new int[found.Count];
        int image = 0, name = 0, path = 0;
        for (var i = 0; i < found.Count; i++)
        {
            var folder = found[i];
            folder.Path.CopyTo(paths, path);
            pathEnds[i] = path += folder.Path.Length;
            folder.Names.CopyTo(names, name);
            foreach (var end in folder.NameEnds)
                nameEnds[image++] = name + end;
            name += folder.Names.Length;
            imageEnds[i] = image;
        }

        return new FolderIndex
        {
            Labelled = labelled,
            Ignored = ignored,
            Classes = classes.AsReadOnly(),
            Names = names,
            NameEnds = nameEnds,
            Paths = paths,
            PathEnds = pathEnds,
            ImageEnds = imageEnds,
            Labels = [.. labels],
            Modified = [.. found.Select(folder => folder.Modified)],
        };
    }
}
