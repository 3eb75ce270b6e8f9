using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Shared.Files;

/// <summary>A folder of small files that stand for images; each holds its own path.</summary>
internal sealed class ImageTree : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ImageTree(params string[] files)
    {
        Directory.CreateDirectory(Root);
        foreach (string file in files) Add(file);
    }

    public string Root => folder.File("images");

    public string At(string path) => Path.Combine(Root, path);

    public void Add(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), path, Encoding.UTF8);
    }

    public ImageFolder Open(bool? labels = null) =>
        new(Root, ByteDecoder.Options with { Labels = labels });

    public static string[] Paths(ImageFolder source) =>
        [.. Enumerable.Range(0, source.Count).Select(i => Path.GetRelativePath(source.FullPath, source.Locate(i)))];

    public static int?[] Labels(ImageFolder source) => [.. Enumerable.Range(0, source.Count).Select(source.Label)];

    public void Dispose() => folder.Dispose();
}
