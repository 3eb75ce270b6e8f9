using System.Collections.Concurrent;
using MoCo.Tensors;

namespace MoCo.Tests.Tensors;

public sealed class TorchThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_part_is_done_once(int parts)
    {
        Assert.SkipUnless(TorchThreads.AreKnown, "libtorch brings no OpenMP of GNU's here");
        for (int round = 0; round < 50; round++)
        {
            ConcurrentBag<int> done = [];
            TorchThreads.Run(parts, part =>
            {
                done.Add(part);
                if (round % 10 == 0) GC.Collect();
            });
            Assert.Equal(Enumerable.Range(0, parts), done.Order());
        }
    }

    [Fact]
    public void On_Linux_they_are_known() => Assert.Equal(OperatingSystem.IsLinux(), TorchThreads.AreKnown);
}
