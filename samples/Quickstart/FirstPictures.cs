using MoCo.Data;

namespace Quickstart;

/// <summary>The first pictures of a source, for measurements that must be quick.</summary>
internal sealed class FirstPictures(IImageSource source, int count) : IImageSource
{
    public string Name => source.Name;
    public int Count { get; } = Math.Min(count, source.Count);
    public int Channels => source.Channels;

    public SourceFaults Faults => source.Faults;
    public IReadOnlyList<string> Classes => source.Classes;
    public int? Label(int index) => source.Label(index);
    public void Read(int index, ImageBuffer into) => source.Read(index, into);
}
