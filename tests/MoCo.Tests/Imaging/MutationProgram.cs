using System.Buffers.Binary;
using System.Diagnostics;
using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>What the child process does: decodes every damaged file of a format and notes the outcome of each at once, so that a crash
/// shows where it happened.</summary>
internal static class MutationProgram
{
    /// <summary>The first argument that starts it.</summary>
    public const string Name = "decode-mutations";

    /// <summary>The code of a file whose pixels differ from one time to the next.</summary>
    public const byte Unsteady = 254;

    private const long MaximumPixels = 20_000_000;

    /// <summary>Bytes for each file in the record: a <see cref="Code"/>, whether the pixels are the undamaged file's, and the processor
    /// time in units of 10 ms.</summary>
    public const int RecordBytes = 3;

    /// <param name="args">The format, "turbojpeg" or "skia", the file for the record and, by hand, how many instead of 5,000.</param>
    public static int Run(string[] args)
    {
        (string? format, bool isTurbo) = (args[0], args[1] == "turbojpeg");
        ImageDecoder decoder = ImageDecoder.Create(maximumPixels: MaximumPixels, useTurboJpeg: isTurbo);
        byte[][] files = Mutations.Files(format);
        uint?[] whole = files.Select(file => Outcome(decoder, file, 0)).ToArray();
        using FileStream record = new(args[2], FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (int index = 0; index < (args.Length > 3 ? int.Parse(args[3]) : Mutations.Count); index++)
        {
            byte[] mutant = Mutations.Mutate(files, index, format);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            uint? outcome = Outcome(decoder, mutant, (byte)index);
            byte ticks = (byte)Math.Min(byte.MaxValue, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / 10);
            // Memory and tables left over from another image must not show.
            Outcome(decoder, files[(index + 1) % files.Length], 0);
            bool isSteady = outcome is null || Outcome(decoder, mutant, (byte)~index) == outcome;
            record.Write([isSteady ? Code(outcome) : Unsteady, outcome == whole[index % files.Length] ? (byte)1 : (byte)0, ticks]);
        }
        using Process process = Process.GetCurrentProcess();
        Console.WriteLine(process.PeakWorkingSet64 >> 20);
        return 0;
    }

    /// <summary>A checksum of the size and the pixels; null for a file that is refused.</summary>
    private static uint? Outcome(ImageDecoder decoder, ReadOnlySpan<byte> file, byte dirt)
    {
        // What a decoder leaves as it was differs from one time to the next.
        ImageBuffer image = new();
        image.Resize(64, 64, 3);
        image.Pixels.Fill(dirt);
        try
        {
            decoder.Decode(file, image);
        }
        catch (InvalidDataException)
        {
            return null;
        }
        byte[] content = new byte[8 + image.Pixels.Length];
        BinaryPrimitives.WriteInt32LittleEndian(content, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(4), image.Height);
        image.Pixels.CopyTo(content.AsSpan(8));
        return PngChecksums.Crc32(content);
    }

    private static byte Code(uint? outcome) => outcome is { } checksum ? (byte)(1 + (checksum % 253)) : (byte)0;
}
