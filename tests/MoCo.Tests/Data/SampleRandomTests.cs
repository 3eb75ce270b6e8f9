using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class SampleRandomTests
{
    /// <summary>The known answers that the authors of Philox publish (Random123, kat_vectors).</summary>
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)]
    [InlineData(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)]
    [InlineData(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)]
    public void Philox_gives_its_published_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3)
    {
        SampleRandom.Philox(c0, c1, c2, c3, k0, k1, out uint a, out uint b, out uint c, out uint d);

        Assert.Equal((r0, r1, r2, r3), (a, b, c, d));
    }

    [Fact]
    public void The_same_seed_epoch_image_and_view_give_the_same_numbers_and_any_other_gives_others()
    {
        static uint[] Stream(long seed, int epoch, int index, int view)
        {
            SampleRandom random = new(seed, epoch, index, view);
            return [.. Enumerable.Range(0, 9).Select(_ => random.NextUInt32())];
        }
        uint[] reference = Stream(1, 2, 3, 0);
        Assert.Equal(reference, Stream(1, 2, 3, 0));
        Assert.Equal(reference.Length, reference.Distinct().Count());
        uint[][] others = [Stream(2, 2, 3, 0), Stream(1L << 32, 2, 3, 0), Stream(1, 3, 3, 0), Stream(1, 2, 4, 0), Stream(1, 2, 3, 1)];
        Assert.All(others, other => Assert.Empty(reference.Intersect(other)));
    }

    [Fact]
    public void Numbers_are_evenly_spread()
    {
        SampleRandom random = new(7, 0, 0, 0);
        const int Draws = 100_000;
        double sum = 0, squares = 0, normal = 0, normalSquares = 0;
        for (int i = 0; i < Draws; i++)
        {
            double value = random.NextDouble();
            Assert.InRange(value, 0, 1 - 1e-9);
            sum += value;
            squares += value * value;
            double gauss = random.NextNormal();
            normal += gauss;
            normalSquares += gauss * gauss;
        }
        // Five standard errors.
        Assert.Equal(0.5, sum / Draws, 5 * Math.Sqrt(1.0 / 12 / Draws));
        Assert.Equal(1.0 / 3, squares / Draws, 5 * Math.Sqrt(4.0 / 45 / Draws));
        Assert.Equal(0, normal / Draws, 5 / Math.Sqrt(Draws));
        Assert.Equal(1, normalSquares / Draws, 5 * Math.Sqrt(2.0 / Draws));
    }

    [Fact]
    public void Every_integer_below_the_limit_is_as_likely_as_any_other()
    {
        SampleRandom random = new(7, 0, 0, 0);
        const int Limit = 7, Draws = 70_000;
        int[] counts = new int[Limit];
        for (int i = 0; i < Draws; i++) counts[random.NextInt32(Limit)]++;

        // Chi-square with 6 degrees of freedom: 22.5 is exceeded once in a thousand.
        Assert.InRange(counts.Sum(count => Math.Pow(count - (Draws / Limit), 2) / (Draws / Limit)), 0, 22.5);
        Assert.Equal(0, random.NextInt32(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampleRandom(7, 0, 0, 0).NextInt32(0));
    }

    [Fact]
    public void A_large_limit_is_not_biased_towards_the_low_numbers()
    {
        // Scaling 32 bits to 3·2²⁹ values gives every third value 3 of 8 of them, unless the unfair products are drawn again.
        const int Limit = 3 << 29, Draws = 60_000;
        SampleRandom random = new(3, 0, 0, 0);
        int[] counts = new int[3];
        for (int i = 0; i < Draws; i++) counts[random.NextInt32(Limit) % 3]++;

        Assert.InRange(counts.Sum(count => Math.Pow(count - (Draws / 3), 2) / (Draws / 3)), 0, 13.8);
    }

    [Fact]
    public void An_epochs_stream_shuffles_to_the_order_of_the_epochs_images()
    {
        int[] values = [.. Enumerable.Range(0, 100)];

        SampleRandom.ForEpoch(5, 2).Shuffle<int>(values);

        Assert.Equal(EpochPermutation.Create(100, 5, 2), values);
        Assert.NotEqual(Enumerable.Range(0, 100), values);
    }
}
