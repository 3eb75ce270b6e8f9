using System.Runtime.InteropServices;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused.Host;

/// <summary>The rows (an image's places, each with all channels) of a batch in BatchNorm's groups, and how threads share them.</summary>
internal sealed unsafe class RowGroups
{
    // Fewer numbers are done sooner than another thread is woken.
    private const long LeastNumbers = 4096;

    private readonly long[] ends;
    private readonly int parts;

    /// <param name="shape">N×C×H×W.</param>
    /// <param name="splits">BatchNorm's groups.</param>
    /// <param name="threads">Threads at most.</param>
    public RowGroups(long[] shape, int splits, int threads)
    {
        long[] sizes = BatchGroups.SizesOf(shape[0], splits);
        Channels = (int)shape[1];
        ends = new long[sizes.Length];
        for (int group = 0; group < sizes.Length; group++)
            ends[group] = (group == 0 ? 0 : ends[group - 1]) + sizes[group] * shape[2] * shape[3];
        parts = (int)Math.Clamp(ends[^1] * Channels / LeastNumbers, 1, threads);
    }

    /// <summary>Does something with rows of one group, from a row on.</summary>
    public delegate void Work(int group, long row, long rows);

    /// <summary>Makes two numbers for each channel from rows of one group.</summary>
    public delegate void Summing(int group, long row, long rows, double* first, double* second);

    public int Channels { get; }

    public int Count => ends.Length;

    /// <summary>Numbers for each channel of each group.</summary>
    public int Numbers => ends.Length * Channels;

    public long RowsOf(int group) => ends[group] - (group == 0 ? 0 : ends[group - 1]);

    /// <summary>Does something with all rows on all threads, in parts that lie in one group.</summary>
    public void Run(Work work) => TorchThreads.Run(parts, part => ForEachGroup(part, work));

    /// <summary>Two numbers for each channel of each group from all its rows: parts make theirs, which are put together in the parts'
    /// order, so that the bits depend on the number of threads only.</summary>
    /// <param name="work">Makes a part's.</param>
    /// <param name="first">Groups × channels: sums, or means.</param>
    /// <param name="second">Groups × channels: sums, or sums of squared deviations.</param>
    /// <param name="areMoments">Whether they are means and deviations.</param>
    public void Sum(Summing work, double* first, double* second, bool areMoments = false)
    {
        int numbers = Numbers;
        double* made = (double*)NativeMemory.Alloc((nuint)(2L * parts * numbers), sizeof(double));
        long[] rowsMade = new long[parts * ends.Length];
        TorchThreads.Run(parts, part => ForEachGroup(part, (group, row, rows) =>
        {
            double* mine = made + 2L * part * numbers + group * Channels;
            rowsMade[part * ends.Length + group] = rows;
            work(group, row, rows, mine, mine + numbers);
        }));
        new Span<double>(first, numbers).Clear();
        new Span<double>(second, numbers).Clear();
        for (int group = 0; group < ends.Length; group++)
        {
            long before = 0;
            for (int part = 0; part < parts; before += rowsMade[part++ * ends.Length + group])
            {
                long rows = rowsMade[part * ends.Length + group];
                if (rows == 0) continue;
                double* its = made + 2L * part * numbers;
                for (int i = group * Channels; i < (group + 1) * Channels; i++)
                {
                    if (areMoments)
                    {
                        ChannelKernels.Merge(ref first[i], ref second[i], before, its[i], its[numbers + i], rows);
                    }
                    else
                    {
                        first[i] += its[i];
                        second[i] += its[numbers + i];
                    }
                }
            }
        }
        NativeMemory.Free(made);
    }

    private void ForEachGroup(int part, Work work)
    {
        long from = ends[^1] * part / parts, to = ends[^1] * (part + 1) / parts, begin = 0;
        for (int group = 0; group < ends.Length; begin = ends[group++])
        {
            long first = Math.Max(from, begin), last = Math.Min(to, ends[group]);
            if (first < last) work(group, first, last - first);
        }
    }
}
