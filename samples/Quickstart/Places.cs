namespace Quickstart;

/// <summary>Where things lie: defaults below the repository, named as seen from the current folder.</summary>
internal static class Places
{
    private static readonly string Root = FindRoot();

    public static string DefaultOut { get; } = Path.Combine(Root, "artifacts", "quickstart");

    public static string OwnDataFolder { get; } = Path.Combine(Root, "artifacts", "fashion-mnist");

    public const string DebianDataFolder = "/usr/share/datasets/fashion-mnist";

    /// <summary>A path as short as it can be said from here.</summary>
    public static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative;
    }

    /// <summary>The command that goes on where a run stopped, ready to paste.</summary>
    /// <param name="arguments">Those of the run.</param>
    /// <param name="epochs">Epochs to ask for, in all; null: none.</param>
    /// <param name="minutes">Minutes to ask for; null: none.</param>
    public static string ResumeCommand(Arguments arguments, int? epochs = null, double? minutes = null)
    {
        List<string> words = ["bash", Shown(Path.Combine(Root, "samples", "quickstart.sh"))];
        if (arguments.Folder is not null) words.Add(arguments.Folder);
        words.Add("--resume");
        if (epochs is int count) words.AddRange(["--epochs", $"{count}"]);
        if (arguments.Size is int size) words.AddRange(["--size", $"{size}"]);
        if (arguments.Out is not null) words.AddRange(["--out", arguments.Out]);
        if (minutes is double time) words.AddRange(["--minutes", FormattableString.Invariant($"{time}")]);
        if (arguments.Threads != Environment.ProcessorCount) words.AddRange(["--threads", $"{arguments.Threads}"]);
        return string.Join(' ', words.Select(Quoted));
    }

    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=+:,".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MoCo.sln"))) return folder.FullName;
        return Environment.CurrentDirectory;
    }
}
