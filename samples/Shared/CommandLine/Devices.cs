using MoCo.Distributed;

namespace Samples.CommandLine;

/// <summary>Where a program computes.</summary>
internal static class Devices
{
    public static ValueKind<string> Name { get; } = new("cpu|cuda", text =>
        text is "cpu" or "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(text.AsSpan(5), out _)) ? text
        : throw new FormatException("cpu, cuda or cuda:N"))
    { Words = ["cpu", "cuda"] };

    /// <summary>The device of a name of that kind.</summary>
    /// <param name="name">The name; cuda alone is the first, of several processes each has its own.</param>
    /// <param name="launched">The processes; null: this one alone.</param>
    /// <exception cref="UsageException">There is no such device here.</exception>
    public static Device Open(string name, LaunchEnvironment? launched = null)
    {
        if (name == "cpu") return CPU;
        Device asked = device(name == "cuda" ? $"cuda:{launched?.LocalRank ?? 0}" : name);
        int devices = cuda.is_available() ? cuda.device_count() : 0;
        if (name == "cuda" && devices > 0 && launched?.LocalSize > devices)
            throw new UsageException($"--device is 'cuda', and {launched.LocalSize} processes of this machine would share its {devices}; "
                + "expected one process for each GPU.");
        if (asked.index < devices) return asked;
        throw new UsageException($"--device is '{name}'; {(devices == 0
            ? "this build and machine have no GPU that libtorch can use; expected cpu, or a build with -p:TorchBackend=cuda-linux on a "
                + "machine with a GPU"
            : $"this machine has {devices} of them, counted from 0")}.");
    }
}
