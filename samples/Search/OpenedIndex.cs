using System.CommandLine;
using MoCo.Evaluation;

namespace Search;

/// <summary>An index with its notes, and the paths of its images.</summary>
internal sealed class OpenedIndex : IDisposable
{
    private readonly string folder;

    private OpenedIndex(SimilarityIndex index, IndexNotes notes, string? folder) => (Index, Notes, this.folder) = (index, notes, folder ?? notes.Folder);

    /// <summary>Names the index.</summary>
    public static Option<string> FileOption { get; } = new("--index") { Description = "an index that `search index` wrote", HelpName = "FILE", DefaultValueFactory = _ => "index.safetensors" };

    /// <summary>Names another place of its images.</summary>
    public static Option<string?> FolderOption { get; } = new("--images") { Description = "where the images lie, if they were moved since", HelpName = "DIR" };

    public SimilarityIndex Index { get; }

    public IndexNotes Notes { get; }

    public static OpenedIndex Open(ParseResult parsed)
    {
        string path = parsed.GetValue(FileOption)!;
        IndexNotes notes = IndexNotes.Load(path);
        return new OpenedIndex(SimilarityIndex.Load(path), notes, parsed.GetValue(FolderOption));
    }

    /// <summary>The full path of an image.</summary>
    public string PathOf(int image) => Path.GetFullPath(Path.Combine(folder, Index.Names[image]));

    public void Dispose() => Index.Dispose();
}
