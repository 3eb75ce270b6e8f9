using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MoCo.Data.Folder;

/// <summary>A <see cref="FolderIndex"/> in a file. Whatever is wrong with the file, the answer is "none", and the folder is looked through again.</summary>
/// <remarks>Layout, in the machine's byte order: a header of 64-bit integers (magic, sizes, counts of what was ignored), 32 bytes that
/// name the options, the tables, and the SHA-256 of it all.</remarks>
internal static class FolderIndexFile
{
    /// <summary>"MoCoIdx" and the version, which in the other byte order is another number.</summary>
    private const long Magic = 0x01_78_64_49_6F_43_6F_4D;
    private const int HeaderFields = 16, HashBytes = 32;

    internal static void Write(string file, FolderIndex index, ReadOnlySpan<byte> fingerprint)
    {
        var folder = Path.GetDirectoryName(file)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(file)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                Write(stream, index, fingerprint);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads an index that was made with the same options; null where there is none, or none that is whole.</summary>
    internal static FolderIndex? Read(string file, ReadOnlySpan<byte> fingerprint)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Read(stream, fingerprint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(Stream stream, FolderIndex index, ReadOnlySpan<byte> fingerprint)
    {
        var classes = Encoding.UTF8.GetBytes(string.Join('\0', index.Classes));
        var ignored = index.Ignored;
        long[] header =
        [
            Magic, index.Labelled ? 1 : 0, index.Count, index.Folders, index.Names.Length, index.Paths.Length, index.Classes.Count, classes.Length,
            ignored.Hidden, ignored.OtherKinds, ignored.Special, ignored.BrokenLinks, ignored.RepeatedFolders, ignored.UnreadableFolders, ignored.Unlabelled, 0,
        ];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Put(MemoryMarshal.AsBytes(header.AsSpan()));
        Put(fingerprint);
        Put(index.Names);
        Put(MemoryMarshal.AsBytes(index.NameEnds.AsSpan()));
        Put(index.Paths);
        Put(MemoryMarshal.AsBytes(index.PathEnds.AsSpan()));
        Put(MemoryMarshal.AsBytes(index.ImageEnds.AsSpan()));
        Put(MemoryMarshal.AsBytes(index.Labels.AsSpan()));
        Put(MemoryMarshal.AsBytes(index.Modified.AsSpan()));
        Put(classes);
        stream.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    private static FolderIndex? Read(FileStream stream, ReadOnlySpan<byte> fingerprint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (stream.Length < (8 * HeaderFields) + (2 * HashBytes))
            return null;
        var header = Take<long>(HeaderFields);
        var options = Take<byte>(HashBytes);
        // The sizes must make up the file before any of them is believed.
        var sizes = header.AsSpan(2, 6);
        if (header[0] != Magic || !options.AsSpan().SequenceEqual(fingerprint) || sizes.ContainsAnyExceptInRange(0, Array.MaxLength))
            return null;
        long images = header[2], folders = header[3], names = header[4], paths = header[5], classCount = header[6], classBytes = header[7];
        if (stream.Length != (8 * HeaderFields) + (2 * HashBytes) + names + (4 * images) + paths + (20 * folders) + classBytes)
            return null;

        var index = new FolderIndex
        {
            Labelled = header[1] != 0,
            Names = Take<byte>(names),
            NameEnds = Take<int>(images),
            Paths = Take<byte>(paths),
            PathEnds = Take<int>(folders),
            ImageEnds = Take<int>(folders),
            Labels = Take<int>(folders),
            Modified = Take<long>(folders),
            Classes = Array.AsReadOnly(classCount == 0 ? [] : Encoding.UTF8.GetString(Take<byte>(classBytes)).Split('\0')),
            Ignored = new IgnoredFiles(header[8], header[9], header[10], header[11], header[12], header[13], header[14]),
        };
        Span<byte> written = stackalloc byte[HashBytes];
        stream.ReadExactly(written);
        return written.SequenceEqual(hash.GetHashAndReset()) && index.Classes.Count == classCount && IsSound(index) ? index : null;

        T[] Take<T>(long count)
            where T : unmanaged
        {
            var values = GC.AllocateUninitializedArray<T>((int)count);
            var bytes = MemoryMarshal.AsBytes(values.AsSpan());
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
            return values;
        }
    }

    /// <summary>A hash keeps accidents out, not intent: no name may lead out of the folder, no number out of its table.</summary>
    private static bool IsSound(FolderIndex index)
    {
        if (index.Names.AsSpan().ContainsAny((byte)'/', (byte)0) || index.Paths.AsSpan().Contains((byte)0) || index.Folders == 0)
            return false;
        if (!Rises(index.NameEnds, index.Names.Length, 1) || !Rises(index.PathEnds, index.Paths.Length, 0) || !Rises(index.ImageEnds, index.Count, 0))
            return false;
        if (index.Labels.AsSpan().ContainsAnyExceptInRange(-1, index.Labelled ? index.Classes.Count - 1 : -1))
            return false;
        for (var folder = 0; folder < index.Folders; folder++)
        {
            var path = index.Path(folder);
            foreach (var part in path.Split((byte)'/'))
            {
                if (path[part].SequenceEqual(".."u8) || (path.Length > 0 && path[part].IsEmpty))
                    return false;
            }
        }

        return true;
    }

    private static bool Rises(int[] ends, int last, int leastStep)
    {
        var before = 0;
        foreach (var end in ends)
        {
            if (end < before + leastStep)
                return false;
            before = end;
        }

        return before == last;
    }
}
