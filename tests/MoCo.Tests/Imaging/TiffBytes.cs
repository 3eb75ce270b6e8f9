using System.Buffers.Binary;

namespace MoCo.Tests.Imaging;

/// <summary>Writes the skeleton of a TIFF: header, pixels from byte 16, numbers, directory.</summary>
internal static class TiffBytes
{
    public static byte[] Write(bool big, bool little, (int Tag, ulong[] Numbers)[] entries, int pixels)
    {
        List<byte> file = new();
        (int each, int type, int inline) = big ? (8, 16, 1) : (4, 4, 1);
        void Add(int bytes, ulong number)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(eight, number);
            Span<byte> part = eight[..bytes];
            if (!little) part.Reverse();
            file.AddRange(part);
        }
        int lists = 16 + pixels;
        int directory = lists + entries.Where(entry => entry.Numbers.Length > inline).Sum(entry => entry.Numbers.Length * each);
        file.AddRange(little ? "II"u8 : "MM"u8);
        Add(2, big ? 43u : 42u);
        if (big) Add(4, 8);
        Add(each, (ulong)directory);
        file.AddRange(new byte[lists - file.Count]);
        foreach (ulong number in entries.Where(entry => entry.Numbers.Length > inline).SelectMany(entry => entry.Numbers))
            Add(each, number);

        Add(big ? 8 : 2, (ulong)entries.Length);
        foreach ((int tag, ulong[]? numbers) in entries)
        {
            Add(2, (ulong)tag);
            Add(2, (ulong)type);
            Add(each, (ulong)numbers.Length);
            Add(each, numbers.Length > inline ? (ulong)lists : numbers[0]);
            lists += numbers.Length > inline ? numbers.Length * each : 0;
        }
        Add(each, 0);
        return [.. file];
    }
}
