using System.CommandLine.Parsing;
using System.Text;

namespace Samples;

/// <summary>Files that a command writes where it was told to. One that can't be written is refused before hours of work rather than
/// after.</summary>
internal static class OutputFile
{
    /// <summary>An option that names one.</summary>
    public static Option<string?> Option(string name, string description)
    {
        Option<string?> option = new(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(Check);
        return option;
    }

    /// <summary>Refuses a file whose folder is missing, or in whose place a folder stands.</summary>
    public static void Check(SymbolResult result)
    {
        if (result.Tokens is not [{ Value: string path }]) return;
        string? wrong = string.IsNullOrWhiteSpace(path) ? "" : Directory.Exists(path) ? ", a folder"
            : Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? null : ", whose folder does not exist";
        string name = result is OptionResult option ? option.Option.Name : "OUT";
        if (wrong is not null) result.AddError($"{name} is '{path}'{wrong}; expected the name of a file in a folder that exists.");
    }

    /// <summary>Refuses to write images or shards into the folder of images that they are made of, where they would be read as such the
    /// next time.</summary>
    /// <exception cref="UsageException">The path lies in the folder.</exception>
    public static void CheckOutside(string path, string folder)
    {
        string inside = Path.TrimEndingDirectorySeparator(Real(folder)) + Path.DirectorySeparatorChar;
        UsageException.ThrowIf(
            (Real(path) + Path.DirectorySeparatorChar).StartsWith(inside, StringComparison.Ordinal),
            $"{path} lies in the folder of images {folder} and would be read as part of it the next time; expected a place outside.");
    }

    /// <summary>The path with the links in it followed, as far as it exists.</summary>
    private static string Real(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(path) is not { } parent) return path;
        string here = Path.Combine(Real(parent), Path.GetFileName(path));
        return Directory.Exists(here) ? Directory.ResolveLinkTarget(here, returnFinalTarget: true)?.FullName ?? here : here;
    }

    /// <summary>Writes a text and says so.</summary>
    public static void Write(string path, string text)
    {
        Replace(path, text);
        Console.WriteLine($"written: {path}");
    }

    /// <summary>Writes a text, whole or not at all; a missing folder is made.</summary>
    public static void Replace(string path, string text) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));
}
