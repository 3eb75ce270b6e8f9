using System.Runtime.InteropServices;

namespace MoCo.Distributed;

/// <summary>Libraries that only some machines have, looked for when they are needed.</summary>
internal static partial class SharedObject
{
    private const int Now = 0x2, Global = 0x100; // dlopen's RTLD_NOW and RTLD_GLOBAL

    /// <summary>The first of some files that can be loaded and has a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="files">The files to try, in turn. A bare name is also that of a file which the process has loaded from
    /// anywhere.</param>
    /// <param name="error">Says what is missing, for the message.</param>
    /// <param name="advice">What to do about it, for the message.</param>
    /// <param name="isGlobal">Whether what is loaded later may look for symbols in it.</param>
    /// <exception cref="ProcessGroupException">There is none.</exception>
    public static (nint Library, string File) First(string function, string[] files, string error, string advice, bool isGlobal = false)
    {
        List<string> errors = [];
        _ = LastError(); // found before it is needed: finding it would clear the first error
        foreach (string file in files)
        {
            nint library = Open(file, isGlobal ? Now | Global : Now);
            if (library == 0) errors.Add(Marshal.PtrToStringUTF8(LastError()) ?? file);
            else if (NativeLibrary.TryGetExport(library, function, out _)) return (library, file);
            else errors.Add($"{file} shows no {function}");
        }
        throw new ProcessGroupException($"{error}: {string.Join("; ", errors)}. {advice}");
    }

    /// <summary>A function of a library, or 0; of a file's dependencies too.</summary>
    public static nint Function(nint library, string name)
        => library != 0 && NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;

    /// <summary>A library, or 0 where it cannot be loaded.</summary>
    public static nint Find(string file) => Open(file, Now);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string name, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint LastError();
}
