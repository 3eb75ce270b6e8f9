using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

public sealed class MutationTests
{
    private const byte Refused = 0;
    private const byte NoMeasure = 255;
    private const double MostSeconds = 2;
    private const int MostMegabytes = 500;

    /// <summary>Format, decoder, and how many of the 5,000 may pass with pixels that are neither PIL's nor the undamaged file's: as many as
    /// there were when the reasons were looked into, on x64.</summary>
    public static TheoryData<string, string, int> Formats => new()
    {
        // CMYK and 4:1:0, which Skia decodes.
        { "jpeg", "turbojpeg", 108 },

        // Skia does not tell libjpeg's warnings. Where a code of the pixels is damaged, the rest of the image is noise, for PIL other
        // noise.
        { "jpeg", "skia", 504 },

        { "png", "skia", 0 },
        { "webp", "skia", 0 },

        // The second frame is damaged.
        { "gif", "skia", 1 },

        // Run lengths that end before the last pixel leave the rest black; palettes of odd lengths.
        { "bmp", "skia", 189 },

        // What the mask makes transparent is black; PIL shows the color behind it.
        { "ico", "skia", 145 },

        // Fax codes have no checksum.
        { "tiff", "skia", 3 },
        { "tga", "skia", 0 },

        // PIL refuses a comment that is not UTF-8.
        { "pnm", "skia", 1 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Of_5000_damaged_files_none_crashes_or_hangs_and_none_but_the_documented_gives_other_pixels_than_PIL(
        string format, string with, int documented)
    {
        Assert.SkipWhen(with == "turbojpeg" && !ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        using TemporaryFolder folder = new();
        byte[] expected = Mutations.Expected(format);
        Assert.Equal(Mutations.Count, expected.Length);
        byte[] record = Decode(format, with, Path.Combine(folder.Path, "record"));
        IEnumerable<int> all = Enumerable.Range(0, Mutations.Count);
        Assert.DoesNotContain(all, index => Outcome(record, index)[0] == MutationProgram.Unsteady);
        int[] wrong = all.Where(index => IsWrong(expected[index], Outcome(record, index))).ToArray();
        Assert.True(
            wrong.Length <= documented,
            $"{format} by {with}: {wrong.Length} silently wrong, documented {documented}: {string.Join(" ", wrong.Take(40))}");
        int slowest = all.MaxBy(index => Outcome(record, index)[2]);
        Assert.True(
            Outcome(record, slowest)[2] <= MostSeconds * 100,
            $"{format} by {with}: {Outcome(record, slowest)[2] / 100.0} s for file {slowest}");
        // The measure measures: some damaged files are read, as PIL reads them, and some are refused.
        Assert.Contains(all, index => Outcome(record, index) is [not Refused, 0, _] && Outcome(record, index)[0] == expected[index]);
        Assert.Contains(all, index => Outcome(record, index)[0] == Refused);
    }

    private static Span<byte> Outcome(byte[] record, int index)
        => record.AsSpan(index * MutationProgram.RecordBytes, MutationProgram.RecordBytes);

    /// <summary>Pixels that are neither PIL's nor, where PIL refuses the file, those of the undamaged one.</summary>
    private static bool IsWrong(byte expected, ReadOnlySpan<byte> outcome) =>
        outcome[0] != Refused && outcome[1] == 0 && expected != NoMeasure && outcome[0] != expected;

    private static byte[] Decode(string format, string with, string path)
    {
        (int exitCode, string megabytes, string errors) = OwnProgram.Run(heapLimit: 0, MutationProgram.Name, format, with, path);
        byte[] record = File.Exists(path) ? File.ReadAllBytes(path) : [];
        Assert.True(
            exitCode == 0,
            $"{format} by {with} ended with {exitCode} at file {record.Length / MutationProgram.RecordBytes}: {errors}");
        Assert.InRange(int.Parse(megabytes), 1, MostMegabytes);
        return record;
    }
}
