using System.Diagnostics;

namespace MoCo.Tests.Augmentation;

public sealed class KernelBoundsTests
{
    [Fact]
    public void No_kernel_touches_a_byte_before_or_behind_what_it_is_given()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "guard pages are made by Linux's mmap");
        using TemporaryFolder folder = new();
        string place = Path.Combine(folder.Path, "place");
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(KernelBoundsTests).Assembly.Location, KernelBoundsProgram.Name, place])
            {
                RedirectStandardError = true,
            })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("done", File.ReadAllText(place));
        Assert.Equal(0, process.ExitCode);
    }
}
