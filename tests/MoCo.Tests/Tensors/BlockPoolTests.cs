using MoCo.Tensors;

namespace MoCo.Tests.Tensors;

public sealed unsafe class BlockPoolTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public void A_block_comes_to_lie_where_one_of_its_size_was_freed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pool maps memory as Linux does");
        using BlockPool pool = BlockPool.Reserve(64 * Megabyte)!;
        void* a = pool.Take(3 * Megabyte), b = pool.Take(2 * Megabyte), c = pool.Take(5 * Megabyte), d = pool.Take(Megabyte);
        Assert.Equal(0, (nint)a % 64);
        pool.Give(a);
        pool.Give(c);
        Assert.True(pool.Take(3 * Megabyte) == a); // the smaller gap, not the first that is large enough
        Assert.True(pool.Take(5 * Megabyte) == c);
        Array.ForEach([(nint)a, (nint)b, (nint)c, (nint)d], block => pool.Give((void*)block));
        Assert.Equal(0, pool.InUse);
        Assert.True(pool.Take(60 * Megabyte) == a); // all gaps have become one
        Assert.True(pool.Take(5 * Megabyte) == null);
        Assert.True(pool.Take(long.MaxValue) == null);
        Assert.True(pool.Take(-1) == null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Blocks_of_many_threads_never_overlap_and_all_come_back(int seed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pool maps memory as Linux does");
        using BlockPool pool = BlockPool.Reserve(1024 * Megabyte)!;
        Parallel.For(0, 4, thread =>
        {
            Random random = new(10 * seed + thread);
            List<(nint Block, int Length)> held = [];
            for (int turn = 0; turn < 3000; turn++)
            {
                if (held.Count > 300 || (held.Count > 0 && random.Next(5) < 2))
                {
                    int i = random.Next(held.Count);
                    Span<byte> whole = new((void*)held[i].Block, held[i].Length);
                    Assert.True(whole[0] == (byte)thread && whole[^1] == (byte)thread && whole[whole.Length / 2] == (byte)thread);
                    pool.Give((void*)held[i].Block);
                    held.RemoveAt(i);
                }
                else
                {
                    int length = random.Next(1, 100_000);
                    void* block = pool.Take(length);
                    new Span<byte>(block, length).Fill((byte)thread);
                    held.Add(((nint)block, length));
                }
            }
            held.ForEach(one => pool.Give((void*)one.Block));
        });
        Assert.Equal(0, pool.InUse);
        Assert.True(pool.Take(1000 * Megabyte) != null);
    }

    [Fact]
    public void Gaps_are_given_back_and_blocks_keep_what_they_hold()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pool maps memory as Linux does");
        using BlockPool pool = BlockPool.Reserve(64 * Megabyte)!;
        byte* gap = (byte*)pool.Take(4 * Megabyte), kept = (byte*)pool.Take(4 * Megabyte);
        new Span<byte>(gap, (int)(4 * Megabyte)).Fill(7);
        new Span<byte>(kept, (int)(4 * Megabyte)).Fill(7);
        pool.Give(gap);
        Assert.Equal(7, gap[Megabyte]);
        pool.Trim();
        Assert.Equal((0, 7), (gap[Megabyte], kept[Megabyte])); // new pages are cleared
    }
}
