using System.Runtime;
using MoCo.Loading;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class CollectionPauseTests
{
    [Fact]
    public void No_collection_comes_between_renewals_however_often_another_thread_allocates()
    {
        using CollectionPause pause = new();
        pause.Renew();
        int before = GC.CollectionCount(0);
        for (int i = 0; i < 100; i++)
        {
            GC.KeepAlive(new byte[100_000]);
            pause.Renew();
        }
        Assert.True(CollectionPause.IsActive);
        Assert.Equal(before, GC.CollectionCount(0)); // 10 MB of the 32, so not renewed
    }

    [Fact]
    public void A_region_that_a_collection_ended_is_begun_again_and_a_half_used_one_renewed()
    {
        using CollectionPause pause = new(largestShare: 1000);
        pause.Renew();
        GC.Collect();
        Assert.False(CollectionPause.IsActive);
        pause.Renew();
        Assert.True(CollectionPause.IsActive);
        int before = GC.CollectionCount(0);
        for (int i = 0; i < 20; i++) GC.KeepAlive(new byte[1 << 20]);
        pause.Renew();
        Assert.True(GC.CollectionCount(0) > before);
    }

    [Fact]
    public void Where_renewing_would_take_more_than_its_share_of_the_time_it_waits()
    {
        using CollectionPause pause = new(largestShare: 0);
        pause.Renew(); // the first time nothing has been spent yet
        Assert.True(CollectionPause.IsActive);
        GC.Collect();
        pause.Renew();
        Assert.False(CollectionPause.IsActive);
    }

    [Fact]
    public void A_region_of_the_callers_own_is_left_alone()
    {
        using CollectionPause pause = new();
        GC.Collect();
        Assert.True(GC.TryStartNoGCRegion(1 << 20));
        pause.Renew();
        Assert.False(CollectionPause.IsActive);
        pause.Dispose();
        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        GC.EndNoGCRegion();
    }

    [Fact]
    public void A_trainer_pauses_collections_from_its_first_step_to_its_end_unless_told_not_to()
    {
        using TwoCropBatch batch = new(rand(12, 1, 16, 16), rand(12, 1, 16, 16), new int[12], 0, 0);
        using (MoCoTrainer free = new(TrainerFixture.Options) { PauseCollections = false }) free.Step(batch);
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        using (MoCoTrainer trainer = new(TrainerFixture.Options))
        {
            trainer.Step(batch);
            Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        }
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }
}
