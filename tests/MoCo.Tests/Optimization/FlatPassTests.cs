using System.Collections.Concurrent;
using MoCo.Optimization;

namespace MoCo.Tests.Optimization;

public sealed class FlatPassTests
{
    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(16_383, 4, 1)]
    [InlineData(32_768, 4, 2)]
    [InlineData(49_153, 2, 2)]
    [InlineData(100_003, 1, 1)]
    [InlineData(100_003, 3, 3)]
    public void Parts_are_of_16384_numbers_at_least_and_each_number_is_in_one(long count, int threads, int parts)
    {
        using HeldThreads held = new(threads);
        ConcurrentBag<(long From, long To)> done = [];
        FlatPass.Run(count, (from, to) => done.Add((from, to)));
        (long From, long To)[] inOrder = [.. done.Order()];
        Assert.Equal(parts, inOrder.Length);
        Assert.Equal([0, .. inOrder[..^1].Select(part => part.To)], inOrder.Select(part => part.From));
        Assert.Equal(count, inOrder[^1].To);
        // No two threads write to one line of the processor's cache.
        Assert.All(inOrder, part => Assert.Equal(0, part.From % 64));
    }
}
