using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Measuring;

/// <summary>The benchmark's images.</summary>
internal static class Photographs
{
    private const string Folder = "artifacts/photographs";
    private const string Complete = "0999.jpg";

    /// <summary>All JPEGs of a folder, in ordinal order, in memory.</summary>
    /// <exception cref="BenchmarkException">No such folder, or no JPEG in it.</exception>
    public static byte[][] Read(string folder)
    {
        string[] paths = Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder)
                .Where(p => p.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase)
                || p.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)]
            : throw new BenchmarkException($"--images is '{folder}'; expected a folder that exists.");
        if (paths.Length == 0) throw new BenchmarkException($"--images is '{folder}'; expected JPEGs (.jpg, .jpeg) in it.");
        return [.. paths.Select(File.ReadAllBytes)];
    }

    /// <summary>The folder of the images that are used where none is named; cuts them the first time.</summary>
    /// <exception cref="BenchmarkException">They can't be cut here; the message says what is missing.</exception>
    public static string CutOnce()
    {
        string folder = Path.GetFullPath(Folder);
        if (File.Exists(Path.Combine(folder, Complete))) return folder;
        Console.Error.WriteLine($"cutting 1,000 photographs into {Folder}, once");
        string[] arguments = [MeasuringProcess.PathOf("cut_photographs.py"), "--out", folder];
        Child? child = null;
        foreach (string program in (string[])["python3", "/usr/bin/python3"])
        {
            child = Child.Run(program, arguments) ?? child;
            if (child is { Exit: 0 }) return folder;
        }
        throw new BenchmarkException("The benchmark's images could not be cut; --images names others. " +
            (child is null ? "There is no python3." : child.Errors.Trim()));
    }
}
