namespace MoCo.Files;

/// <summary>Writing a file so that a crash, a full disk or a cancel leaves the old one whole.</summary>
internal static class AtomicFile
{
    /// <summary>Writes to a temporary file in the same folder, which is made if missing, flushes it to the disk and puts it in the place of
    /// <paramref name="path"/>. If <paramref name="write"/> fails, the temporary file is removed and the old file stands.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">The folder can't be written, or the disk is full.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
