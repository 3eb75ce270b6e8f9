using System.IO.Enumeration;
using System.Text;

namespace MoCo.Data.Folders;

/// <summary>Reads one folder once: its images by name, the folders in it, and the number of what else lies there.</summary>
/// <remarks>Nothing in the folder is opened or asked for more than its name and kind. So a broken link, a pipe, a socket or a device that
/// is named like an image counts as one; <see cref="ImageFiles"/> refuses to open it.</remarks>
internal sealed class FolderListing : FileSystemEnumerator<bool>
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly string path;
    private readonly ImageExtensions extensions;
    private readonly List<int> ends = [];
    private byte[] names = new byte[1 << 12];
    private int used;

    /// <summary>Opens the folder.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    internal FolderListing(string path, ImageExtensions extensions)
        : base(path, Everything) => (this.path, this.extensions) = (path, extensions);

    internal List<string> Folders { get; } = [];

    /// <summary>Links that lead to folders.</summary>
    internal List<string> Links { get; } = [];

    internal long Hidden { get; private set; }

    internal long OtherKinds { get; private set; }

    /// <summary>Names that cannot be opened because .NET cannot represent them, such as those that are not valid UTF-8.</summary>
    internal long InvalidNames { get; private set; }

    /// <summary>The images' names in the order of their code points.</summary>
    internal NameList Images { get; private set; } = NameList.Empty;

    /// <summary>Reads the folder to its end.</summary>
    /// <exception cref="IOException">Reading failed before the end; the message names the folder.</exception>
    internal void Read()
    {
        try
        {
            while (MoveNext())
            {
                // All entries are taken by ShouldIncludeEntry.
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: the folder cannot be read to its end; {error.Message}", error);
        }
        Images = NameList.Sort(names, ends);
        names = [];
        ends.Clear();
    }

    protected override bool ShouldIncludeEntry(ref FileSystemEntry entry)
    {
        ReadOnlySpan<char> name = entry.FileName;
        if (name[0] == '.') Hidden++;
        else if (name.Contains('\uFFFD') && !Path.Exists(entry.ToFullPath())) InvalidNames++;
        else if (entry.IsDirectory) (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) ? Links : Folders).Add(name.ToString());
        else if (extensions.Fit(name)) Add(name);
        else OtherKinds++;
        return false;
    }

    protected override bool TransformEntry(ref FileSystemEntry entry) => false;

    private void Add(ReadOnlySpan<char> name)
    {
        int most = Encoding.UTF8.GetMaxByteCount(name.Length);
        if (most > names.Length - used) Array.Resize(ref names, checked(names.Length * 2));
        used += Encoding.UTF8.GetBytes(name, names.AsSpan(used));
        ends.Add(used);
    }
}
