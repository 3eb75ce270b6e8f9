using System.Diagnostics;
using MoCo.Data;

namespace MoCo.Tests.Data.Decoding;

public sealed class DecoderFuzzTests
{
    private const int Variants = 500;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    public void Every_mutated_file_ends_in_pixels_or_in_InvalidDataException_and_soon(string format)
    {
        var files = DecodingFixture.Names.Where(name => name.StartsWith(format, StringComparison.Ordinal)).Select(DecodingFixture.Read).ToArray();
        // A limit that a mutated size soon exceeds keeps honest giants out of the test's time.
        var decoders = ImageDecoder.HasTurboJpeg ? new[] { ImageDecoder.Create(1 << 20), new ImageSharpDecoder(1 << 20) } : [new ImageSharpDecoder(1 << 20)];
        var random = new Random(20_261);
        var picture = new ImageBuffer();
        var refused = 0;
        for (var variant = 0; variant < Variants; variant++)
        {
            var file = Mutate(files[variant % files.Length], files[random.Next(files.Length)], random);
            // Most damage to a PNG ends at a checksum; half of it shall get past.
            if (format == "png" && variant / files.Length % 2 == 0)
                PngChecksums.Correct(file);
            foreach (var decoder in decoders)
            {
                var start = Stopwatch.GetTimestamp();
                try
                {
                    decoder.Decode(file, picture);
                    Assert.InRange((long)picture.Width * picture.Height, 1, 1 << 20);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }

                Assert.True(Stopwatch.GetElapsedTime(start) < Longest, $"variant {variant} took {Stopwatch.GetElapsedTime(start)}");
            }
        }

        Assert.InRange(refused, 1, (Variants * decoders.Length) - 1);
    }

    private static byte[] Mutate(byte[] file, byte[] other, Random random)
    {
        var mutant = (byte[])file.Clone();
        switch (random.Next(5))
        {
            case 0:
                for (var i = random.Next(1, 9); i > 0; i--)
                    mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
                return mutant;
            case 1:
                return mutant[..random.Next(mutant.Length)];
            case 2:
                return [.. mutant[..random.Next(mutant.Length)], .. other[random.Next(other.Length)..]];
            case 3:
                // Sizes, counts and offsets are mostly within the first hundred bytes.
                var place = random.Next(Math.Min(mutant.Length, 100));
                mutant.AsSpan(place, Math.Min(random.Next(1, 5), mutant.Length - place)).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)random.Next(256));
                return mutant;
            default:
                var start = random.Next(mutant.Length);
                random.NextBytes(mutant.AsSpan(start, Math.Min(random.Next(1, 64), mutant.Length - start)));
                return mutant;
        }
    }
}
