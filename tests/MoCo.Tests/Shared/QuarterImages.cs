using System.Buffers.Binary;

namespace MoCo.Tests.Shared;

/// <summary>Grey images of 8×8 with noise in a quarter of the image, which is the class, as files of the MNIST family.</summary>
internal static class QuarterImages
{
    public static void Write(string folder, string part, int count)
    {
        byte[] pixels = new byte[16 + count * 64];
        byte[] labels = new byte[8 + count];
        BinaryPrimitives.WriteInt32BigEndian(pixels, 0x803);
        BinaryPrimitives.WriteInt32BigEndian(pixels.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(pixels.AsSpan(8), 8);
        BinaryPrimitives.WriteInt32BigEndian(pixels.AsSpan(12), 8);
        BinaryPrimitives.WriteInt32BigEndian(labels, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), count);
        Random random = new(count);
        for (int i = 0; i < count; i++)
        {
            int kind = i % 4;
            labels[8 + i] = (byte)kind;
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 4; x++)
                    pixels[16 + i * 64 + (kind / 2 * 4 + y) * 8 + kind % 2 * 4 + x] = (byte)random.Next(256);
        }
        File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), pixels);
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), labels);
    }
}
