using System.Text;

namespace MoCo.Data.Folders;

/// <summary>Tells files and folders apart, whatever names and links lead to them.</summary>
internal static class FileIdentity
{
    /// <summary>As many links as Linux follows in one path.</summary>
    private const int MostLinks = 40;

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>What all paths to a file or folder have in common: on Linux where it lies on which disk, elsewhere the path without
    /// links, which hard links do not share.</summary>
    /// <param name="path">The full path. A link that leads nowhere is told from all others by its own.</param>
    /// <param name="isLink">Whether its last name may be a link; false spares a look at every name of the path, elsewhere than on
    /// Linux.</param>
    /// <param name="parent">The identity of the folder it lies in, where that is known.</param>
    internal static string Of(string path, bool isLink = true, string? parent = null)
    {
        if (LinuxFile.IsSupported && LinuxFile.TryAsk(Encoding.UTF8.GetBytes(path + '\0'), out FileFacts facts))
            return Invariant($"{facts.Device}:{facts.Number}");
        return isLink || parent is null ? RealPath(path) : Path.Combine(parent, Path.GetFileName(path));
    }

    private static string RealPath(string path)
    {
        string real = "";
        Stack<string> parts = [];
        Push(path);
        for (int links = 0; parts.TryPop(out string? part);)
        {
            string next = Path.Combine(real, part);
            if (part == "..") real = Path.GetDirectoryName(real) ?? real;
            else if (part != "." && links < MostLinks && new FileInfo(next).LinkTarget is { } target)
            {
                links++;
                Push(target);
            }
            else if (part != ".") real = next;
        }
        return real;

        void Push(string some)
        {
            string top = Path.GetPathRoot(some) ?? "";
            if (top.Length > 0) real = top;
            string[] names = some[top.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            for (int i = names.Length - 1; i >= 0; i--) parts.Push(names[i]);
        }
    }
}
