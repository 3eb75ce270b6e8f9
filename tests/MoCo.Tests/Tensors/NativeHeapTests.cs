using MoCo.Tensors;

namespace MoCo.Tests.Tensors;

public sealed class NativeHeapTests
{
    [Theory]
    [InlineData("MALLOC_MMAP_THRESHOLD_")]
    [InlineData("MALLOC_TRIM_THRESHOLD_")]
    [InlineData("GLIBC_TUNABLES")]
    public void A_variable_of_the_users_decides(string name)
    {
        Assert.True(NativeHeap.IsWanted(_ => null));
        Assert.False(NativeHeap.IsWanted(asked => asked == name ? "1" : null));
    }

    [Fact]
    public void Glibc_takes_the_options()
    {
        Assert.SkipUnless(NativeHeap.IsWanted(Environment.GetEnvironmentVariable), "the environment sets glibc's options");
        Assert.Equal(OperatingSystem.IsLinux(), NativeHeap.Tune());
    }

    [Fact]
    public void The_switch_turns_it_off()
    {
        AppContext.SetSwitch(NativeHeap.SwitchName, false);
        try
        {
            Assert.False(NativeHeap.IsWanted(_ => null));
        }
        finally
        {
            AppContext.SetSwitch(NativeHeap.SwitchName, true);
        }
    }
}
