using System.Diagnostics;
using System.Runtime.InteropServices;
using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>What the child process does: decodes each file by itself and tells what it cost.</summary>
internal static partial class BoundsProgram
{
    /// <summary>The first argument that starts it.</summary>
    public const string Name = "decode-files";

    /// <param name="args">The largest number of pixels, "turbojpeg" or "skia", the files.</param>
    public static int Run(string[] args)
    {
        ImageDecoder decoder = ImageDecoder.Create(maximumPixels: long.Parse(args[0]), useTurboJpeg: args[1] == "turbojpeg");
        // Libraries and tables that the first image of all loads are no image's cost.
        foreach (string name in new[] { "jpeg-420.jpg", "jpeg-cmyk.jpg", "png-rgb.png", "webp-lossy.webp", "tiff-lzw.tiff", "tga-rgb.tga" })
            Decode(decoder, DecodingFixture.Read(name));
        foreach (string path in args[2..])
        {
            byte[] file = File.ReadAllBytes(path);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _ = MallocTrim(0);
            File.WriteAllText("/proc/self/clear_refs", "5"); // the highest resident memory begins anew
            long memory = Environment.WorkingSet;
            TimeSpan time = Environment.CpuUsage.TotalTime;
            string outcome = Decode(decoder, file);
            time = Environment.CpuUsage.TotalTime - time;
            using Process process = Process.GetCurrentProcess();
            long peak = process.PeakWorkingSet64 - memory;
            Console.WriteLine($"{Path.GetFileName(path)}\t{file.Length}\t{peak}\t{(long)time.TotalMilliseconds}\t{outcome}");
        }
        return 0;
    }

    private static string Decode(ImageDecoder decoder, byte[] file)
    {
        ImageBuffer image = new();
        try
        {
            decoder.Decode(file, image);
            return FormattableString.Invariant($"{image.Width}×{image.Height} {PngChecksums.Crc32(image.Pixels):x8}");
        }
        catch (Exception error) when (error is InvalidDataException or OutOfMemoryException)
        {
            return error.GetType().Name + ": " + error.Message;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint kept);
}
