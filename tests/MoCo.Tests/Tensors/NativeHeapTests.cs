using System.Globalization;
using System.Runtime.InteropServices;
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
    public unsafe void Gaps_between_what_lives_go_back_to_the_system()
    {
        Assert.SkipUnless(NativeHeap.IsWanted(Environment.GetEnvironmentVariable), "the environment sets glibc's options");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the heap is glibc's");
        const int Blocks = 200;
        nuint size = 1 << 20;
        void*[] large = new void*[Blocks], small = new void*[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            large[i] = NativeMemory.Alloc(size);
            small[i] = NativeMemory.Alloc(size / 4); // too large for an older gap: it lies between the others
            NativeMemory.Fill(large[i], size, 1);
        }
        foreach (void* block in large) NativeMemory.Free(block);
        long before = Resident();
        NativeHeap.TrimNow();
        long after = Resident();
        foreach (void* block in small) NativeMemory.Free(block);
        Assert.InRange(before - after, Blocks * (1L << 20) / 2, long.MaxValue);

        static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture)
            * Environment.SystemPageSize;
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
