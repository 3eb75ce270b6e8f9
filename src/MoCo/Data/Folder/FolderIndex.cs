namespace MoCo.Data.Folder;

/// <summary>The images of a folder in their order, a name and four bytes each: names in one run of bytes, folders in a table.</summary>
internal sealed class FolderIndex
{
    internal required bool Labelled { get; init; }

    internal required IgnoredFiles Ignored { get; init; }

    internal required IReadOnlyList<string> Classes { get; init; }

    /// <summary>All images' file names, UTF-8, one behind the other.</summary>
    internal required byte[] Names { get; init; }

    /// <summary>The end of each image's name.</summary>
    internal required int[] NameEnds { get; init; }

    /// <summary>All folders' paths below the root, UTF-8, one behind the other; also of folders without images, whose change matters too.</summary>
    internal required byte[] Paths { get; init; }

    /// <summary>The end of each folder's path.</summary>
    internal required int[] PathEnds { get; init; }

    /// <summary>The number of images up to the end of each folder.</summary>
    internal required int[] ImageEnds { get; init; }

    /// <summary>The label of each folder's images, −1 for none.</summary>
    internal required int[] Labels { get; init; }

    /// <summary>When each folder was changed before it was looked into; <see cref="FolderScan.Unsettled"/> where that cannot be trusted.</summary>
    internal required long[] Modified { get; init; }

    internal int Count => NameEnds.Length;

    internal int Folders => PathEnds.Length;

    /// <summary>Bytes of memory.</summary>
    internal long Size => Names.LongLength + Paths.LongLength + (4L * (NameEnds.Length + PathEnds.Length + ImageEnds.Length + Labels.Length)) + (8L * Modified.Length);

    internal ReadOnlySpan<byte> Name(int image) => Part(Names, NameEnds, image);

    internal ReadOnlySpan<byte> Path(int folder) => Part(Paths, PathEnds, folder);

    /// <summary>The folder that holds an image: the first that ends behind it.</summary>
    internal int FolderOf(int image)
    {
        int low = 0, high = ImageEnds.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ImageEnds[middle] > image)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static ReadOnlySpan<byte> Part(byte[] all, int[] ends, int place)
    {
        var start = place == 0 ? 0 : ends[place - 1];
        return all.AsSpan(start, ends[place] - start);
    }
}
