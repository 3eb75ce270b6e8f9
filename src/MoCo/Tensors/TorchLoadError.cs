using System.Text.RegularExpressions;

namespace MoCo.Tensors;

/// <summary>What a loader's text about TorchSharp's native library means.</summary>
/// <param name="text">What the runtime reports: a line for every name that it tried.</param>
/// <param name="system">The runtime identifier of the system, such as linux-x64.</param>
internal sealed partial class TorchLoadError(string text, string system)
{
    private const string Heading = "TorchSharp's native library cannot be loaded: ";
    private const string OnWindows = "TorchSharp 0.107.0 does not load on Windows, see https://github.com/dotnet/TorchSharp/issues/1567. "
        + "Run the application on Linux (WSL 2 is one) or on macOS.";
    private static readonly string[] LibtorchFiles = ["libtorch", "libc10", "libgomp-"];

    /// <summary>Which library fails for what, and what to do.</summary>
    public string Message
        => Heading + (system.StartsWith("win-", StringComparison.Ordinal) ? OnWindows : IsSupported ? OnUnix() : NotSupported());

    private bool IsSupported
        => system == "osx-arm64" || (system.EndsWith("-x64", StringComparison.Ordinal) && !OtherSystem().IsMatch(system));

    private string LibtorchPackage
        => system == "osx-arm64" ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64 (or TorchSharp-cuda-linux)";

    private string OwnFile => system == "osx-arm64" ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";

    /// <summary>The loader's line that tells more than that there is no file of a name that was tried.</summary>
    private string? Reason => text.Split('\n').Skip(1).Select(line => line.Trim())
        .FirstOrDefault(line => line.Length > 0 && !TriedName().IsMatch(line));

    private string NotSupported()
        => $"TorchSharp has none for {system}. It has one for Linux on x64 with glibc and one for macOS on arm64.";

    private string OnUnix()
    {
        string? reason = Reason;
        if (reason is null)
        {
            return $"{OwnFile} is not in the application's folder. "
                + $"Build or publish the application again, for {system} or for no system in particular.";
        }
        if (MissingVersion().Match(reason) is { Success: true } version) return $"{reason}. {AdviceFor(version.Groups["version"].Value)}";
        if (MissingFile().Match(reason) is { Success: true } missing) return MissingFileText(missing.Groups["name"].Value);
        if (reason.Contains("undefined symbol", StringComparison.Ordinal) || reason.Contains("Symbol not found", StringComparison.Ordinal))
        {
            return $"{reason}. That is another version of libtorch than TorchSharp's, taken from the system. "
                + $"Reference the package {LibtorchPackage} in the application.";
        }
        return $"{reason}. Build or publish the application again if the file is damaged.";
    }

    private string MissingFileText(string name)
        => LibtorchFiles.Any(part => name.StartsWith(part, StringComparison.Ordinal))
            ? $"{name}, a part of libtorch, is not in the application's folder. "
                + $"Reference the package {LibtorchPackage} in the application, and keep the files of its output together."
            : $"{name} is not on this system. Install the package that brings it{Packages(name)}.";

    private static string Packages(string name) => name switch
    {
        "libstdc++.so.6" => " (libstdc++6 on Debian and Ubuntu, libstdc++ on Fedora and RHEL)",
        "libgcc_s.so.1" => " (libgcc-s1 on Debian and Ubuntu, libgcc on Fedora and RHEL)",
        _ => "",
    };

    private static string AdviceFor(string version) => version switch
    {
        "GLIBCXX_3.4.32" => "Build the application on this system, or set MoCoRelaxSymbolVersions to true in its project "
            + "(dotnet build -p:MoCoRelaxSymbolVersions=true): nothing calls what this version brings, and the build makes it optional. "
            + "Debian 13, Ubuntu 24.04 and later systems have it.",
        _ => "This system is older than TorchSharp's; Debian 12, Ubuntu 22.04, RHEL 9 and later ones will do.",
    };

    [GeneratedRegex(@"(^|/)(lib)?LibTorchSharp(\.so|\.dylib)?: cannot open shared object file"
        + @"|dlopen\([^,]*LibTorchSharp(\.dylib)?, [^)]*\): tried: ")]
    private static partial Regex TriedName();

    [GeneratedRegex("^osx-|musl|^alpine|bsd|^android")]
    private static partial Regex OtherSystem();

    [GeneratedRegex(@"version `(?<version>[^']+)' not found")]
    private static partial Regex MissingVersion();

    [GeneratedRegex(@"^(?<name>[^/:]+): cannot open shared object file|Library not loaded: (?:@rpath/)?(?<name>\S+)")]
    private static partial Regex MissingFile();
}
