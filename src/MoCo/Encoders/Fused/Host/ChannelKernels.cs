using System.Numerics;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused.Host;

/// <summary>What BatchNorm, the sum with the residual path and ReLU compute of rows × channels in memory, each in one pass. A row is an
/// image's place, all of its channels.</summary>
/// <remarks>Passes over memory are what these layers cost on a CPU: libtorch makes 4 for BatchNorm (mean, variance, reading and writing
/// y), 3 for the sum and 2 for ReLU; these make 1 for the statistics and 2 or 3 for all the rest.</remarks>
internal static unsafe partial class ChannelKernels
{
    // A tile of rows and channels lies in the second cache, so that a second look at it costs no memory. Its sums are float32 and go into
    // doubles when it is done.
    private const int TileChannels = 256, TileNumbers = 32768;

    // Rows whose numbers are added up in registers.
    private const int Rows = 4;

    private static int Width => Vector<float>.Count;

    private static IEnumerable<Tile> Tiles(long rows, int channels)
    {
        for (int channel = 0; channel < channels; channel += TileChannels)
        {
            int width = Math.Min(TileChannels, channels - channel), height = TileNumbers / width;
            for (long row = 0; row < rows; row += height)
                yield return new Tile(row, (int)Math.Min(height, rows - row), channel, width);
        }
    }

    private readonly record struct Tile(long Row, int Rows, int Channel, int Channels)
    {
        /// <summary>How far ahead memory is asked for: some rows.</summary>
        public nint Ahead(int ofChannels) => Math.Max(1, MemoryAhead.Numbers / Channels) * (nint)ofChannels;

        /// <summary>What is left of it beside its first whole rows and channels; of all but odd sizes nothing, for which no iterator is
        /// made.</summary>
        public IEnumerable<(int Row, int Channel)> Rest(int rows, int channels)
            => rows == Rows && channels == Channels ? [] : Places(rows, channels);

        private IEnumerable<(int Row, int Channel)> Places(int rows, int channels)
        {
            for (int row = 0; row < Rows; row++)
                for (int channel = row < rows ? channels : 0; channel < Channels; channel++)
                    yield return (row, channel);
        }
    }
}
