using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Some images of a source, in any order.</summary>
internal sealed class ImageSubset : IImageSource
{
    private readonly IImageSource source;
    private readonly int[] indices;
    private readonly string? note;

    internal ImageSubset(IImageSource source, IEnumerable<int> indices, string? note = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(indices);
        (this.source, this.indices, this.note) = (source, [.. indices], note);
        foreach (int index in this.indices)
            if ((uint)index >= (uint)source.Count) throw SourceChecks.NoImage(index, source.Count, source.Name, nameof(indices));
    }

    public string Name => source.Name;

    public (int Width, int Height)? ImageSize => source.ImageSize;

    public int Count => indices.Length;

    public int Channels => source.Channels;

    public IReadOnlyList<string> Classes => source.Classes;

    public SourceErrors Errors => source.Errors;

    public IEnumerable<string> Notes => note is null ? source.Notes : source.Notes.Append(note);

    public int? Label(int index) => source.Label(At(index));

    public void Read(int index, ImageBuffer into) => source.Read(At(index), into);

    public string Locate(int index) => source.Locate(At(index));

    private int At(int index) =>
        (uint)index < (uint)Count ? indices[index] : throw SourceChecks.NoImage(index, Count, $"The subset of {Name}");
}
