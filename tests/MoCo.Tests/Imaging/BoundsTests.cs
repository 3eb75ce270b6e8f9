using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>The bounds that <see cref="ImageDecoder"/>'s documentation states, measured in a child process.</summary>
public sealed class BoundsTests
{
    private const long Pixels = HostileFiles.Side * HostileFiles.Side;
    private const long BytesOfPixel = 15, CopiesOfFile = 4, Fixed = 32 << 20, CodeTables = 1_400_000_000;
    private const int MostMilliseconds = 5000;

    [Theory]
    [InlineData("turbojpeg")]
    [InlineData("skia")]
    public void No_file_takes_more_memory_or_time_than_the_documentation_says(string with)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the highest resident memory is read from /proc");
        Assert.SkipWhen(with == "turbojpeg" && !ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        using TemporaryFolder folder = new();
        List<string> paths = [];
        foreach ((string name, Func<byte[]> content) in HostileFiles.All())
        {
            // Where libturbojpeg is, the other formats have been measured with it.
            if (with == "skia" && ImageDecoder.HasTurboJpeg && !name.EndsWith(".jpg", StringComparison.Ordinal)) continue;
            paths.Add(Path.Combine(folder.Path, name));
            File.WriteAllBytes(paths[^1], content());
        }
        // What the collector manages is the file, the image and little more.
        (int exitCode, string output, string errors) = OwnProgram.Run(
            heapLimit: 100_000_000, [BoundsProgram.Name, $"{Pixels}", with, .. paths]);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(exitCode == 0, $"ended with {exitCode} after {lines.LastOrDefault()}: {errors}");
        Assert.Equal(paths.Count, lines.Length);
        foreach (string[] line in lines.Select(line => line.Split('\t')))
        {
            (string name, long length, long memory, long time) = (line[0], long.Parse(line[1]), long.Parse(line[2]), long.Parse(line[3]));
            long most = (BytesOfPixel * Pixels) + (CopiesOfFile * length) + Fixed + (name == HostileFiles.ManyTables ? CodeTables : 0);
            Assert.True(memory <= most && time <= MostMilliseconds, $"{name}: {memory} bytes of {most}, {time} ms; {line[4]}");
        }
        // Sizes that are allowed are decoded, and those that are not are refused: the figures are not of errors.
        Assert.Equal(
            paths.Select(path => Path.GetFileName(path)).Where(name => name is "goes-on.tif" or "strip.pbm"),
            lines.Where(line => line.Contains("InvalidData", StringComparison.Ordinal)).Select(line => line.Split('\t')[0]).Order());
        Assert.DoesNotContain(lines, line => line.Contains("OutOfMemory", StringComparison.Ordinal));
    }
}
