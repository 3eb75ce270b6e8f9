using System.Security.Cryptography;
using MoCo.Augmentation.Color;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation.Color;

/// <summary>Against torchvision 0.14 and PIL 9.4.</summary>
public sealed class PeerColorTests
{
    [Fact]
    public void Photographs_become_torchvisions_in_every_byte_whichever_way_they_are_computed()
    {
        foreach (string name in ColorFixture.Photographs)
        {
            ImageBuffer photograph = PortablePixmap.Read(Fixture.Path("color", $"{name}.ppm"));
            Span<byte> expected = PortablePixmap.Read(Fixture.Path("color", $"{name}.expected.ppm")).Pixels;
            int length = photograph.Pixels.Length;
            for (int i = 0; i < ColorFixture.Cases.Count; i++)
            {
                foreach ((LaneWidth width, bool looksUp) in ColorFixture.Ways)
                {
                    ImageBuffer image = Images.Copy(photograph);
                    ColorProgram program = ColorFixture.Program(width, ColorFixture.Cases[i]);
                    program.LooksUp = looksUp;
                    program.Run(image);
                    Assert.True(
                        image.Pixels.SequenceEqual(expected.Slice(i * length, length)),
                        $"{name}, width {width}, curves looked up {looksUp}: {string.Join(", ", ColorFixture.Cases[i])}");
                }
            }
        }
    }

    [Fact]
    public void All_colors_become_PILs_by_every_operation()
    {
        foreach ((ColorOperation operation, string? sha256) in ColorFixture.EveryColor)
            Assert.True(EveryColor(ColorLanes.Widest, operation) == sha256, $"{operation}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void The_hue_of_all_colors_turns_alike_in_every_width(int lanes)
    {
        // Where the machine lacks the width, its widest is taken.
        LaneWidth width = (LaneWidth)Math.Min(lanes, (int)ColorLanes.Widest);
        (
            ColorOperation operation,
            string? sha256) = ColorFixture.EveryColor.First(entry => entry.Operation is (ColorOperationKind.Hue, > 0));

        Assert.Equal(sha256, EveryColor(width, operation));
    }

    /// <summary>SHA-256 of what becomes of the colors in the order of R·2¹⁶ + G·2⁸ + B.</summary>
    private static string EveryColor(LaneWidth width, ColorOperation operation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ColorProgram program = new() { Width = width };
        ImageBuffer slice = new();
        slice.Resize(256, 256, 3);
        for (int red = 0; red < 256; red++)
        {
            for (int i = 0; i < 256 * 256; i++)
                (slice.Pixels[3 * i], slice.Pixels[(3 * i) + 1], slice.Pixels[(3 * i) + 2]) = ((byte)red, (byte)(i >> 8), (byte)i);
            program.Add(operation);
            program.Run(slice);
            hash.AppendData(slice.Pixels);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
