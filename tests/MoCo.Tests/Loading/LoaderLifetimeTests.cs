using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Loading;
using MoCo.Loading.Pipeline;
using TorchSharp;

namespace MoCo.Tests.Loading;

public sealed class LoaderLifetimeTests
{
    private static readonly AugmentationRecipe Recipe = BatchRecord.Recipe;

    [Fact]
    public void A_consumer_that_cancels_a_hundred_times_leaks_neither_threads_nor_tensors_nor_memory()
    {
        SyntheticImages source = new(2000, side: 16);
        long before = LiveTensors.Settled();
        using (TwoCropLoader loader = new(source, AugmentationRecipe.Grey(64), new() { BatchSize = 16, Workers = 3 }))
        {
            Cancel(loader, 10);
            long memory = Process.GetCurrentProcess().WorkingSet64;
            Cancel(loader, 100);

            Assert.True(NoWorkers());
            // One round holds 2.5 MB: a hundred that leak hold 250.
            Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - memory, long.MinValue, 60L << 20);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);

        static void Cancel(TwoCropLoader loader, int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                foreach (TwoCropBatch batch in loader.Epoch(round))
                {
                    batch.Dispose();
                    if (batch.Number == round % 3) break;
                }
            }
        }
    }

    [Fact]
    public void Workers_that_wait_for_room_end_with_the_enumeration()
    {
        using TwoCropLoader loader = new(new SyntheticImages(1000), Recipe, new() { BatchSize = 8, Workers = 4, PrefetchBatches = 1 });
        using IEnumerator<TwoCropBatch> batches = loader.Epoch(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        Thread.Sleep(50);
        batches.Current.Dispose();

        Stopwatch clock = Stopwatch.StartNew();
        batches.Dispose();

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        Assert.True(NoWorkers());
    }

    [Fact]
    public void A_worker_that_hangs_in_a_file_does_not_hold_up_the_end_and_does_no_harm_later()
    {
        using ManualResetEventSlim gate = new();
        SyntheticImages source = new(64) { Hold = (20, gate) };
        using (TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 16, Workers = 1, Shuffle = false }))
        {
            Stopwatch clock = Stopwatch.StartNew();
            loader.Epoch(0).First().Dispose();
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        gate.Set();
        Assert.True(NoWorkers());
    }

    [Fact]
    public void A_waiting_consumer_can_be_cancelled()
    {
        using ManualResetEventSlim gate = new();
        using CancellationTokenSource cancellation = new();
        SyntheticImages source = new(64) { Hold = (20, gate) };
        using TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 16, Workers = 1, Shuffle = false });
        using IEnumerator<TwoCropBatch> batches = loader.Epoch(0, cancellationToken: cancellation.Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        batches.Current.Dispose();

        cancellation.CancelAfter(50);
        Stopwatch clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => batches.MoveNext());

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.02, 10);
        gate.Set();
    }

    [Fact]
    public void A_batch_kept_while_others_come_keeps_its_content()
    {
        LoaderOptions options = new() { BatchSize = 8, PrefetchBatches = 2 };
        List<BatchRecord> expected = BatchRecord.Epoch(new SyntheticImages(80), options, 0);
        using TwoCropLoader loader = new(new SyntheticImages(80), Recipe, options);

        List<TwoCropBatch> all = loader.Epoch(0).ToList();

        BatchRecord.AssertEqual(expected, [.. all.Select(BatchRecord.Of)]);
    }

    [Fact]
    public void A_warm_epoch_allocates_nothing_per_image_but_its_number_and_label()
    {
        long small = Allocated(4);
        long large = Allocated(104);

        // Twenty batches of a hundred images more: two numbers of four bytes each; the rest is chance of the runtime's.
        Assert.InRange(large - small, long.MinValue, (20 * 100 * 2 * sizeof(int)) + 8192);

        static long Allocated(int batchSize)
        {
            using TwoCropLoader loader = new(
                new SyntheticImages(20 * batchSize), Recipe, new() { BatchSize = batchSize, Workers = 2, Shuffle = false });
            long least = long.MaxValue;
            for (int epoch = 0; epoch < 5; epoch++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                foreach (TwoCropBatch batch in loader.Epoch(epoch)) batch.Dispose();
                least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
            }
            return least;
        }
    }

    [Fact]
    public void A_giant_image_s_memory_does_not_stay_with_its_worker()
    {
        WorkerMemory worker = new();
        worker.Image.Resize(8_000, 6_000, 3);
        worker.DropGiant();
        Assert.Equal(8_000, worker.Image.Width);

        worker.Image.Resize(12_000, 9_000, 3);
        worker.Scratch.Spare.Resize(12_000, 9_000, 3);
        worker.DropGiant();
        Assert.Equal((0, 0), (worker.Image.Width, worker.Scratch.Spare.Width));
    }

    [Fact]
    public void A_giant_takes_the_memory_that_the_one_before_left()
    {
        WorkerMemory first = new(), second = new();
        first.Image.Resize(12_000, 9_000, 3);
        first.DropGiant();
        long before = GC.GetAllocatedBytesForCurrentThread();
        second.Image.Resize(9_000, 12_000, 3);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>Whether all loader threads are gone, also from the system's list, which is a moment behind.</summary>
    private static bool NoWorkers() => SpinWait.SpinUntil(() => Workers() == 0, 1000);

    private static int Workers()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        return Directory.GetDirectories("/proc/self/task").Count(task =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("MoCo loader", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
                return false;
            }
        });
    }
}
