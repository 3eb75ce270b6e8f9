namespace MoCo.Tests.Imaging;

/// <summary>Damages files by seeded numbers, in the same way as Fixtures/make_mutations.py does.</summary>
internal static class Mutations
{
    public const int Count = 5000;

    /// <summary>The files that are damaged, in the script's order.</summary>
    public static byte[][] Files(string format) =>
        [.. File.ReadAllLines(Fixture.Path("mutations.txt")).Where(name => name.StartsWith(
            format, StringComparison.Ordinal)).Select(DecodingFixture.Read)];

    /// <summary>What PIL made of each: see the script.</summary>
    public static byte[] Expected(string format) => File.ReadAllBytes(Fixture.Path("mutations", $"{format}.bin"));

    public static byte[] Mutate(byte[][] files, int index, string format)
    {
        Numbers numbers = new(index);
        List<byte> data = new(files[index % files.Length]);
        for (int times = 1 + numbers.Below(3); times > 0; times--) MutateOnce(data, numbers);
        byte[] file = [.. data];
        // Most damage to a PNG ends at a checksum; half of it shall get past.
        if (format == "png" && index % 2 == 1) PngChecksums.Correct(file);
        return file;
    }

    private static void MutateOnce(List<byte> data, Numbers numbers)
    {
        int kind = numbers.Below(6);
        int place = numbers.Below(numbers.Below(2) == 0 ? Math.Min(data.Count, 64) : data.Count);
        switch (kind)
        {
            case 0:
                data[place] ^= (byte)(1 << numbers.Below(8));
                break;
            case 1:
                byte other = (byte)numbers.Below(256);
                byte[] values = [0, 1, 0x7F, 0x80, 0xFF, other];
                data[place] = values[numbers.Below(6)];
                break;
            case 2:
                data.RemoveRange(place + 1, data.Count - place - 1);
                break;
            case 3:
                byte[] inserted = new byte[1 + numbers.Below(8)];
                for (int i = 0; i < inserted.Length; i++) inserted[i] = (byte)numbers.Below(256);
                data.InsertRange(place, inserted);
                break;
            case 4:
                data.RemoveRange(place + 1, Math.Min(1 + numbers.Below(8), data.Count - place - 1));
                break;
            default:
                int start = numbers.Below(data.Count);
                int count = Math.Min(1 + numbers.Below(32), data.Count - start);
                List<byte> part = data.GetRange(start, count);
                for (int i = 0; i < Math.Min(count, data.Count - place); i++) data[place + i] = part[i];
                break;
        }
    }

    private sealed class Numbers
    {
        private uint state;

        public Numbers(int seed)
        {
            state = unchecked(((uint)seed * 2654435761) + 1);
            for (int i = 0; i < 3; i++) Below(2);
        }
        public int Below(int n)
        {
            state = unchecked((state * 1664525) + 1013904223);
            return (int)((state >> 8) % (uint)n);
        }
    }
}
