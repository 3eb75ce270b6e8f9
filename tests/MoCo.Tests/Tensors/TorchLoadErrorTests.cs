using MoCo.Tensors;

namespace MoCo.Tests.Tensors;

/// <summary>The texts are those of glibc, macOS and Windows; the first is what the runtime puts before all of them.</summary>
public sealed class TorchLoadErrorTests
{
    private const string Beginning = "Unable to load shared library 'LibTorchSharp' or one of its dependencies. "
        + "In order to help diagnose loading problems, consider …: \n";
    private const string Tried = "/app/LibTorchSharp.so: cannot open shared object file: No such file or directory\n";
    private const string Last = "/app/libLibTorchSharp: cannot open shared object file: No such file or directory\n";

    [Theory]
    [InlineData(
        "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)",
        "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so). "
            + "Build the application on this system, or set MoCoRelaxSymbolVersions to true in its project")]
    [InlineData(
        "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/libLibTorchSharp.so)",
        "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/libLibTorchSharp.so). "
            + "This system is older than TorchSharp's; Debian 12, Ubuntu 22.04, RHEL 9 and later ones will do.")]
    [InlineData(
        "libtorch.so: cannot open shared object file: No such file or directory",
        "libtorch.so, a part of libtorch, is not in the application's folder. "
            + "Reference the package libtorch-cpu-linux-x64 (or TorchSharp-cuda-linux) in the application, "
            + "and keep the files of its output together.")]
    [InlineData(
        "libstdc++.so.6: cannot open shared object file: No such file or directory",
        "libstdc++.so.6 is not on this system. "
            + "Install the package that brings it (libstdc++6 on Debian and Ubuntu, libstdc++ on Fedora and RHEL).")]
    [InlineData(
        "libcudart.so.12: cannot open shared object file: No such file or directory",
        "libcudart.so.12 is not on this system. Install the package that brings it.")]
    [InlineData(
        "/app/libLibTorchSharp.so: undefined symbol: _ZNK3c105Error4whatEv",
        "/app/libLibTorchSharp.so: undefined symbol: _ZNK3c105Error4whatEv. "
            + "That is another version of libtorch than TorchSharp's, taken from the system. Reference the package libtorch-cpu-linux-x64")]
    [InlineData(
        "/app/libc10.so: file too short",
        "/app/libc10.so: file too short. Build or publish the application again if the file is damaged.")]
    public void The_loaders_reason_comes_with_what_to_do(string reason, string expected)
        => Assert.StartsWith(
            "TorchSharp's native library cannot be loaded: " + expected,
            new TorchLoadError(Beginning + Tried + reason + "\n" + Last, "linux-x64").Message, StringComparison.Ordinal);

    [Fact]
    public void Where_no_file_has_a_name_that_was_tried_the_library_itself_is_missing()
        => Assert.EndsWith(
            "libLibTorchSharp.so is not in the application's folder. "
                + "Build or publish the application again, for debian.12-x64 or for no system in particular.",
            new TorchLoadError(Beginning + Tried + Last, "debian.12-x64").Message, StringComparison.Ordinal);

    [Fact]
    public void On_macOS_the_package_is_that_of_macOS()
    {
        string text = Beginning
            + "dlopen(/app/libLibTorchSharp.dylib, 0x0001): Library not loaded: @rpath/libtorch_cpu.dylib\n"
            + "  Referenced from: /app/libLibTorchSharp.dylib\n";
        Assert.Contains(
            "libtorch_cpu.dylib, a part of libtorch, is not in the application's folder. Reference the package libtorch-cpu-osx-arm64 in",
            new TorchLoadError(text, "osx-arm64").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-arm64")]
    [InlineData("linux-musl-x64")]
    [InlineData("osx-x64")]
    public void A_system_that_TorchSharp_has_no_library_for_is_named(string system)
        => Assert.EndsWith(
            $"TorchSharp has none for {system}. It has one for Linux on x64 with glibc and one for macOS on arm64.",
            new TorchLoadError(Beginning + Tried, system).Message, StringComparison.Ordinal);

    [Fact]
    public void On_Windows_the_message_says_that_TorchSharp_does_not_load_there()
        => Assert.Contains(
            "does not load on Windows, see https://github.com/dotnet/TorchSharp/issues/1567",
            new TorchLoadError(
                "Unable to load DLL 'LibTorchSharp' or one of its dependencies: The specified procedure could not be found. (0x8007007F)",
                "win-x64").Message,
            StringComparison.Ordinal);
}
