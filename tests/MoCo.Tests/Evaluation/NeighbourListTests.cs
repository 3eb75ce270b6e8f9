using MoCo.Data;
using MoCo.Evaluation;

namespace MoCo.Tests.Evaluation;

public sealed class NeighbourListTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(5, 3)]
    [InlineData(20, 1000)]
    [InlineData(200, 5000)]
    public void Equals_sorting_everything_whatever_the_pieces(int k, int count)
    {
        // Few distinct values, signs and both zeros among them: ties everywhere.
        var random = new SampleRandom(k, 0, count, 0);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (random.NextInt32(41) - 20) * (random.NextBoolean(0.5) ? 0.1f : -0.1f);
        var list = new NeighbourList(k);
        for (var start = 0; start < count;)
        {
            var length = Math.Min(1 + random.NextInt32(100), count - start);
            list.Add(values.AsSpan(start, length), start);
            start += length;
        }

        var entries = new int[k];
        var similarities = new float[k];
        var found = list.Take(entries, similarities);

        var expected = Enumerable.Range(0, count).OrderByDescending(i => values[i]).Take(k).ToArray();
        Assert.Equal(expected, entries[..found]);
        Assert.Equal(expected.Select(i => values[i]), similarities[..found]);
    }

    [Fact]
    public void A_cleared_list_starts_afresh()
    {
        var list = new NeighbourList(2);
        list.Add([5, 6, 7, 8, 9], 0);
        list.Clear();
        list.Add([1, 2, 3], 10);
        var entries = new int[2];

        Assert.Equal(2, list.Take(entries, new float[2]));
        Assert.Equal([12, 11], entries);
    }
}
