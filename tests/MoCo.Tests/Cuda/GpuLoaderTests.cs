using MoCo.Augmentation;
using MoCo.Loading;
using MoCo.Loading.Pipeline;
using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>The way of a batch to a GPU: copies run behind the worker's back, and must be done before its memory is used again.</summary>
public sealed class GpuLoaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_are_the_CPU_s_however_far_the_device_lags_behind(bool bfloat16)
    {
        Device gpu = Gpu.Device;
        LoaderOptions options = new() { BatchSize = 32, Workers = 3, BFloat16 = bfloat16 };
        TrainerFixture.NoiseImages images = new(32 * 24);
        using TwoCropLoader onCpu = new(images, AugmentationRecipe.Grey(64), options);
        using TwoCropLoader onGpu = new(images, AugmentationRecipe.Grey(64), options, gpu);
        List<TwoCropBatch> arrived = [];
        foreach (TwoCropBatch batch in onGpu.Epoch(1))
        {
            arrived.Add(batch);
            // The device has work of a tenth of a second between two copies; the workers are faster.
            Gpu.Occupy(seconds: 0.1);
        }
        int number = 0;
        foreach (TwoCropBatch expected in onCpu.Epoch(1))
        {
            using TwoCropBatch found = arrived[number++];
            using (expected)
            {
                Assert.Equal(expected.Query.AllBytes(), found.Query.AllBytes());
                Assert.Equal(expected.Key.AllBytes(), found.Key.AllBytes());
                Assert.Equal(expected.Indices.ToArray(), found.Indices.ToArray());
            }
        }
        Assert.Equal(24, number);
    }

    [Fact]
    public void A_fence_is_reached_when_the_device_is_done_and_not_before()
    {
        using CopyFence fence = new(Gpu.Device, TimeSpan.FromMinutes(1));
        fence.Wait(fence.Mark());
        Gpu.Occupy();
        long mark = fence.Mark();
        Assert.False(fence.Reached(mark));
        fence.Wait(mark);
        Assert.True(fence.Reached(mark));
    }

    [Fact]
    public void A_wait_beyond_its_patience_asks_the_device_and_gets_the_mark()
    {
        using CopyFence fence = new(Gpu.Device, TimeSpan.FromMilliseconds(1));
        Gpu.Occupy();
        long mark = fence.Mark();
        fence.Wait(mark);
        cuda.synchronize();
        Assert.True(fence.Reached(mark));
    }
}
