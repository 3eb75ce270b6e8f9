using System.Collections.Concurrent;
using MoCo.Tensors.Cuda;

namespace MoCo.Encoders.Fused.Gpu;

/// <summary>The kernels of ChannelKernels.cu for a GPU, a type of number and a width: compiled at the first use of each.</summary>
internal sealed class GpuKernels
{
    private const int Threads = 256;
    private const int Warp = 32;
    private const int RowsAhead = 4;

    private static readonly ConcurrentDictionary<(int Gpu, ScalarType Type, int Width), Lazy<GpuKernels>> Made = new();
    private static readonly ConcurrentDictionary<(int Gpu, ScalarType Type), string?> Problems = new();

    private readonly CudaProgram program;
    private readonly int width;

    private GpuKernels(int gpu, ScalarType type, int width)
    {
        this.width = width;
        using Stream source = typeof(GpuKernels).Assembly.GetManifestResourceStream("MoCo.Encoders.ChannelKernels.cu")!;
        using StreamReader text = new(source);
        program = new CudaProgram(text.ReadToEnd(), gpu, $"-DTYPE={NumberOf(type)}", Invariant($"-DWIDTH={width}"),
            Invariant($"-DAHEAD={RowsAhead}"));
    }

    /// <summary>Those for rows of some channels.</summary>
    /// <exception cref="NotSupportedException">CUDA's libraries are missing, or do not compile for this GPU.</exception>
    public static GpuKernels Of(int gpu, ScalarType type, int channels)
    {
        int bytes = type == ScalarType.Float32 ? sizeof(float) : sizeof(ushort), wide = 16 / bytes;
        return Made.GetOrAdd((gpu, type, channels % wide == 0 ? wide : 1),
            static key => new Lazy<GpuKernels>(() => new GpuKernels(key.Gpu, key.Type, key.Width))).Value;
    }

    /// <summary>The number of a tensor's GPU.</summary>
    public static int GpuOf(Device device) => Math.Max(device.index, 0);

    /// <summary>Why a GPU cannot have them; null where it can.</summary>
    public static string? WhyNot(int gpu, Precision precision)
        => Problems.GetOrAdd((gpu, TypeOf(precision)), static key =>
        {
            if (!CudaTensors.AreKnown) return "libtorch does not tell where a GPU's tensors lie.";
            try
            {
                foreach (int channels in (ReadOnlySpan<int>)[1, 8]) _ = Of(key.Gpu, key.Type, channels); // both widths
                return null;
            }
            catch (Exception error) when (error is NotSupportedException or InvalidOperationException)
            {
                return error.Message;
            }
        });

    /// <summary>How a kernel over all rows is started.</summary>
    /// <param name="shape">The images.</param>
    /// <param name="groups">BatchNorm's groups.</param>
    /// <param name="blocksEach">Blocks for each of the GPU's processors.</param>
    public GpuCut Cut(GpuShape shape, int groups, int blocksEach)
    {
        int lanes = shape.Channels / width, across = 1;
        while (across < lanes && across < Warp) across *= 2;
        int down = Threads / across, tiles = (lanes + across - 1) / across;
        long rows = (long)(shape.Images + (shape.Larger > 0 ? 1 : 0)) * shape.Pixels;
        long most = (rows + down * RowsAhead - 1) / (down * RowsAhead), wanted = (long)program.Processors * blocksEach / (tiles * groups);
        return new GpuCut((int)Math.Clamp(wanted, 1, most), tiles, groups, across, down);
    }

    /// <summary>Starts a kernel over all rows.</summary>
    public void OverRows(string kernel, GpuShape shape, GpuCut cut, bool sums, params ReadOnlySpan<long> arguments)
        => program.Launch(kernel, (cut.Blocks, cut.Tiles, cut.Groups), (cut.Across, cut.Down),
            sums ? 2 * sizeof(float) * Threads * width : 0, shape, arguments);

    /// <summary>Starts a kernel that has a warp for each channel.</summary>
    public void OverChannels(string kernel, GpuShape shape, params ReadOnlySpan<long> arguments)
    {
        const int Rows = 4;
        program.Launch(kernel, ((shape.Channels + Rows - 1) / Rows, 1, 1), (Warp, Rows), 0, shape, arguments);
    }

    /// <summary>The type of the numbers between convolutions.</summary>
    private static ScalarType TypeOf(Precision precision) => precision switch
    {
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>TYPE of the source.</summary>
    private static char NumberOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => '0',
        ScalarType.BFloat16 => '1',
        ScalarType.Float16 => '2',
        _ => throw new NotSupportedException($"{type} is not fused; expected Float32, BFloat16 or Float16."),
    };
}

/// <summary>Images in BatchNorm's groups, the Shape of the source.</summary>
/// <param name="Channels">Numbers of a row.</param>
/// <param name="Images">Images of a group.</param>
/// <param name="Larger">How many groups, the first ones, have one more.</param>
/// <param name="Pixels">Rows of an image.</param>
internal readonly record struct GpuShape(int Channels, int Images, int Larger, int Pixels);

/// <summary>How images are shared among threads.</summary>
/// <param name="Blocks">Blocks that share a group's rows.</param>
/// <param name="Tiles">Blocks that share the channels.</param>
/// <param name="Groups">BatchNorm's groups.</param>
/// <param name="Across">Threads of a block that share its channels.</param>
/// <param name="Down">Threads of a block that share its rows.</param>
internal readonly record struct GpuCut(int Blocks, int Tiles, int Groups, int Across, int Down);
