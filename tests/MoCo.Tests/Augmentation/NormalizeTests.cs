using System.Runtime.InteropServices;
using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Augmentation.Conversion;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed unsafe class NormalizeTests
{
    [Theory]
    [InlineData("imagenet")]
    [InlineData("cifar10")]
    public void Every_level_of_every_channel_equals_torchvision(string name)
    {
        double[] expected =
            [.. GeometryFixture.Read("normalizations.json").GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
        ImageBuffer ramp = new();
        ramp.Resize(256, 1, 3);
        for (int i = 0; i < ramp.Pixels.Length; i++) ramp.Pixels[i] = (byte)(i / 3);
        float[] result = new float[3 * 256];

        (name == "imagenet" ? Normalize.ImageNet : Normalize.Cifar10).Apply(ramp, result);

        // torchvision's planes, C×H×W.
        for (int i = 0; i < result.Length; i++) Assert.Equal(expected[(256 * (i % 3)) + (i / 3)], result[i], 1e-6);
    }

    [Fact]
    public void BFloat16_is_rounded_as_by_PyTorch()
    {
        JsonElement fixture = GeometryFixture.Read("normalizations.json").GetProperty("bfloat16");
        uint[] bits = fixture.GetProperty("float32").EnumerateArray().Select(value => value.GetUInt32()).ToArray();
        ushort[] expected = fixture.GetProperty("bfloat16").EnumerateArray().Select(value => (ushort)value.GetUInt32()).ToArray();
        float[] floats = MemoryMarshal.Cast<uint, float>(bits).ToArray();
        (ushort[]? scalar, ushort[]? vectors) = (new ushort[bits.Length], new ushort[bits.Length]);
        fixed (ushort* one = scalar, many = vectors)
        {
            for (int i = 0; i < floats.Length; i++) BFloat16Writer.Write((byte*)one, i, floats[i]);
            for (int i = 0; i < floats.Length; i += 16)
            {
                BFloat16Writer.Write(
                    (byte*)many, i, System.Runtime.Intrinsics.Vector256.Create(floats, i),
                    System.Runtime.Intrinsics.Vector256.Create(floats, i + 8));
            }
        }
        Assert.Equal(expected, scalar);
        Assert.Equal(expected, vectors);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(17, 3)]
    [InlineData(32, 32)]
    [InlineData(50, 47)]
    public void Either_type_holds_the_same_numbers_and_vectors_give_the_scalar_path_s_bytes(int width, int height)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            ImageBuffer image = Images.Noise(width, height, channels);
            (double[]? mean, double[]? deviation) = channels == 1 ? (new[] { 0.3 }, new[] { 0.2 }) : (
                new[] { 0.485, 0.456, 0.406 }, new[] { 0.229, 0.224, 0.225 });
            Normalize normalize = new(mean, deviation);
            PixelConversion conversion = new(mean, deviation);
            float[] values = new float[image.Pixels.Length];
            fixed (byte* pixels = image.Pixels)
            fixed (float* into = values)
                conversion.ConvertByTable<Float32Writer>(pixels, 0, values.Length, channels, (byte*)into);

            foreach (bool bfloat16 in new[] { false, true })
            {
                // At an odd address, with a byte behind it that nothing may touch.
                byte[] memory = new byte[(values.Length * (bfloat16 ? 2 : 4)) + 2];
                memory[^1] = 77;
                normalize.Apply(image, memory.AsSpan(1, memory.Length - 2), bfloat16);
                Assert.Equal(77, memory[^1]);
                Assert.Equal(Expected(values, bfloat16), memory[1..^1]);
            }
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_was_expected()
    {
        ImageBuffer image = Images.Noise(2, 2, 3);
        ArgumentException room = Assert.Throws<ArgumentException>(() => Normalize.ImageNet.Apply(image, new byte[47], false));
        ArgumentException channels = Assert.Throws<ArgumentException>(() => Normalize.ImageNet.Apply(
            Images.Noise(2, 2, 1), new byte[16], false));

        Assert.StartsWith("Expected room for 48 bytes, 12 values, found 47.", room.Message, StringComparison.Ordinal);
        Assert.StartsWith("Expected an image of 3 channels, found 1.", channels.Message, StringComparison.Ordinal);
    }

    private static byte[] Expected(float[] values, bool bfloat16) => bfloat16
        ? MemoryMarshal.AsBytes<ushort>(values.Select(Nearest).ToArray()).ToArray()
        : MemoryMarshal.AsBytes<float>(values).ToArray();

    /// <summary>Of the two bfloat16 about a value the nearer, of two as near the even one.</summary>
    private static ushort Nearest(float value)
    {
        ushort below = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        ushort above = (ushort)(below + 1);
        (double toBelow, double toAbove) = (Math.Abs((double)value - Float(below)), Math.Abs((double)value - Float(above)));
        if (toBelow == toAbove) return below % 2 == 0 ? below : above;
        return toBelow < toAbove ? below : above;
    }

    private static float Float(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
