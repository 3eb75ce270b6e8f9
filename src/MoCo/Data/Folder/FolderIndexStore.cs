using System.Security.Cryptography;
using System.Text;

namespace MoCo.Data.Folder;

/// <summary>Where a folder's index file lies, and whether it still tells the truth.</summary>
internal sealed class FolderIndexStore
{
    private const string OwnFolder = ".moco-index", FileName = "index";

    /// <summary>The folder's name as a scan meets it: it is ours, nothing of the user's that was left out.</summary>
    internal static ReadOnlySpan<byte> OwnFolderName => ".moco-index"u8;

    private readonly string root;
    private readonly IFolderAccess access;
    private readonly byte[] fingerprint;
    private readonly string[] files;

    internal FolderIndexStore(string root, ImageFolderOptions options, IFolderAccess access)
    {
        (this.root, this.access) = (root, access);
        fingerprint = SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Labels}\n{string.Join('\n', options.Extensions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}"));
        var inCache = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)).AsSpan(0, 16)) + ".index";
        files = options.IndexFolder is { } chosen
            ? [Path.Combine(Path.GetFullPath(chosen), inCache)]
            : [Path.Combine(root, OwnFolder, FileName), Path.Combine(UserCache(), inCache)];
    }

    /// <summary>The first index file that is whole and as new as the folders; null where there is none.</summary>
    internal FolderIndex? Load()
    {
        foreach (var file in files)
        {
            if (FolderIndexFile.Read(file, fingerprint) is { } index && IsFresh(index))
                return index;
        }

        return null;
    }

    /// <summary>Makes the folder for the index file, before the folders' times are noted: it would change the root's.</summary>
    internal void Prepare() => Attempt(file => Directory.CreateDirectory(Path.GetDirectoryName(file)!));

    /// <summary>Keeps an index in the first place that can be written; in none, where none can, or where it is not worth keeping.</summary>
    internal void Save(FolderIndex index)
    {
        if (index.Count > 0 && StaysTrue(index))
            Attempt(file => FolderIndexFile.Write(file, index, fingerprint));
        else
            RemoveOwnFolder();
    }

    /// <summary>A folder that may be read again and a link that leads somewhere again leave no trace in the times of the folders listed.</summary>
    private static bool StaysTrue(FolderIndex index) => index.Ignored is { UnreadableFolders: 0, BrokenLinks: 0 };

    /// <summary>Takes back what <see cref="Prepare"/> made, if it is empty: a folder given by mistake stays as it was.</summary>
    private void RemoveOwnFolder()
    {
        try
        {
            Directory.Delete(Path.Combine(root, OwnFolder));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not there, or an older index is in it.
        }
    }

    private void Attempt(Action<string> write)
    {
        foreach (var file in files)
        {
            try
            {
                write(file);
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A read-only folder or a full disk: the next place, and a slower next start where that fails too.
            }
        }
    }

    /// <summary>A name that comes or goes changes the time of its folder, so equal times mean equal names.</summary>
    private bool IsFresh(FolderIndex index)
    {
        var path = new Utf8Path(root);
        var rootLength = path.Length;
        for (var folder = 0; folder < index.Folders; folder++)
        {
            path.Truncate(rootLength);
            var facts = access.Inspect(path.Append(index.Path(folder)));
            if (facts.Kind != EntryKind.Folder || index.Modified[folder] == FolderScan.Unsettled || facts.Modified != index.Modified[folder])
                return false;
        }

        return true;
    }

    private static string UserCache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache))
            return Path.Combine(cache, "moco");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows() || home.Length == 0
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "moco")
            : Path.Combine(home, ".cache", "moco");
    }
}
