using System.Runtime.Intrinsics.X86;
using MoCo.Augmentation.Color;

namespace MoCo.Tests.Augmentation.Color;

public sealed class ColorLanesTests
{
    [Fact]
    public void Every_processor_with_avx_512_takes_sixteen_pixels()
        => Assert.Equal(Avx512F.IsSupported, ColorLanes.Widest == LaneWidth.Sixteen);
}
