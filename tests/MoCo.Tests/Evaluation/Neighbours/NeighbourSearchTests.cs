using MoCo.Data;
using MoCo.Evaluation.Neighbours;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Neighbours;

public sealed class NeighbourSearchTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(3, 3)]
    [InlineData(5, 777)] // groups, and columns after the last
    [InlineData(20, 1000)]
    [InlineData(20, 2000)]
    [InlineData(200, 5000)]
    [InlineData(200, 20_003)]
    public void The_largest_of_each_row_equal_sorting_everything_and_equal_ones_come_by_column(int k, int columns)
    {
        // Few distinct values, signs and both zeros among them: ties everywhere. Then hardly any.
        Expect(k, Rows(4, columns, random => (random.NextInt32(41) - 20) * (random.NextBoolean(0.5) ? 0.1f : -0.1f)));
        Expect(k, Rows(4, columns, random => (float)random.NextNormal()));
    }

    [Fact]
    public void A_tie_for_the_last_place_goes_to_the_lowest_columns_wherever_they_are()
    {
        // 1 at one column, 0.5 at some, 0 elsewhere: of the 0.5s the first are wanted.
        float[] row = new float[4000];
        row[3999] = 1;
        foreach (int column in (int[])[3998, 17, 2500, 3, 1999, 2000])
            row[column] = 0.5f;
        float[] all = [.. row, .. Enumerable.Repeat(0.25f, 4000)];

        using DisposeScope scope = NewDisposeScope();
        (Tensor values, Tensor entries) = NeighbourSearch.Largest(tensor(all).view(2, 4000), 4);

        Assert.Equal([3999, 3, 17, 1999, 0, 1, 2, 3], entries.data<long>().ToArray());
        Assert.Equal([1, 0.5f, 0.5f, 0.5f, 0.25f, 0.25f, 0.25f, 0.25f], values.ToFloats());
    }

    [Fact]
    public void Blocks_of_any_size_are_merged_to_what_one_block_finds()
    {
        // Directions of few kinds, so that equal similarities lie in several blocks. A stated dimension of 2²⁰ makes blocks of 64 bank
        // vectors.
        const int StatedDimension = 1 << 20, Bank = 150, Queries = 5;
        using DisposeScope scope = NewDisposeScope();
        Tensor bank = zeros(Bank, 3), queries = zeros(Queries, 3);
        for (int i = 0; i < Bank; i++)
            bank[i, i % 3] = tensor(1f);
        for (int i = 0; i < Queries; i++)
            queries[i, i % 3] = tensor(1f);

        (Tensor similarities, Tensor entries) = NeighbourSearch.Nearest(
            queries, new UnitVectors((first, count) => bank.narrow(0, first, count), Bank, StatedDimension), 70, default, blockSize: 2);

        for (int i = 0; i < Queries; i++)
        {
            IEnumerable<long> expected = Enumerable.Range(0, Bank).OrderByDescending(entry => entry % 3 == i % 3)
                .Take(70).Select(entry => (long)entry);
            Assert.Equal(expected, entries[i].data<long>().ToArray());
            Assert.Equal(Enumerable.Range(0, 70).Select(place => place < 50 ? 1f : 0f), similarities[i].ToFloats());
        }
        similarities.Dispose();
        entries.Dispose();
    }

    private static void Expect(int k, float[][] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor values, Tensor entries) = NeighbourSearch.Largest(tensor([.. rows.SelectMany(row => row)]).view(rows.Length, -1), k);
        for (int i = 0; i < rows.Length; i++)
        {
            int[] expected = [.. Enumerable.Range(0, rows[i].Length).OrderByDescending(column => rows[i][column]).Take(k)];
            Assert.Equal(expected.Select(column => (long)column), entries[i].data<long>().ToArray());
            Assert.Equal(expected.Select(column => rows[i][column]), values[i].ToFloats());
        }
    }

    private static float[][] Rows(int count, int columns, Func<SampleRandom, float> value)
    {
        float[][] rows = new float[count][];
        for (int row = 0; row < count; row++)
        {
            SampleRandom random = new(row, 0, columns, 0);
            rows[row] = new float[columns];
            for (int column = 0; column < columns; column++)
                rows[row][column] = value(random);
        }
        return rows;
    }
}
