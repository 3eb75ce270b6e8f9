using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>A hundred odd images against PIL, and the table of differences in this folder's README.</summary>
public sealed class OddImageTests
{
    private static readonly Dictionary<string, string> Differences = File.ReadLines(Repository.File("tests/MoCo.Tests/Imaging/README.md"))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2]);

    public static TheoryData<string> Names => [.. Directory.GetFiles(Fixture.Path("odd")).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_what_PIL_makes_of_it_or_what_the_table_says(string name)
    {
        string difference = Differences.GetValueOrDefault(name[..name.LastIndexOf('-')], "none");
        byte[] file = File.ReadAllBytes(Fixture.Path("odd", name));
        string pixmap = Fixture.Path("odd", "expected", $"{name}.ppm");
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            if (!File.Exists(pixmap) || difference == "refused")
            {
                DecodingFixture.Refusal(decoder, file);
                continue;
            }
            ImageBuffer expected = DecodingFixture.Pixmap(pixmap);
            ImageBuffer actual = DecodingFixture.Decode(decoder, file);
            if (difference == "black") Blacken(expected, actual);
            DecodingFixture.Near(expected, actual, difference == "one level" ? 1 : 0, name);
        }
    }

    [Fact]
    public void Every_difference_of_the_table_is_one() => Assert.All(
        Differences.Keys, kind => Assert.Contains(Names, name => ((string)name).StartsWith($"{kind}-", StringComparison.Ordinal)));

    /// <summary>Makes black what is black in another image.</summary>
    private static void Blacken(ImageBuffer image, ImageBuffer other)
    {
        for (int i = 0; i < image.Pixels.Length; i += 3)
            if (other.Pixels.Slice(i, 3).IndexOfAnyExcept((byte)0) < 0) image.Pixels.Slice(i, 3).Clear();
    }
}
