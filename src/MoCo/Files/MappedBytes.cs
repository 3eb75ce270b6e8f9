using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace MoCo.Files;

/// <summary>A file in the address space. Slices look at it without a copy and refuse to be looked at once it is unmapped.</summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private byte* start;

    public MappedBytes(MemoryMappedFile file)
    {
        this.file = file;
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public ReadOnlyMemory<byte> Slice(long offset, int length) => new Part(this, offset, length).Memory;

    public void Dispose()
    {
        if (start is null) return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    private sealed class Part(MappedBytes whole, long offset, int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(whole.start is null, whole);
            return new Span<byte>(whole.start + offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
            ObjectDisposedException.ThrowIf(whole.start is null, whole);
            return new MemoryHandle(whole.start + offset + elementIndex, pinnable: this);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
