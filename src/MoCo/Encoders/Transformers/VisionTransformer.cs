using MoCo.Encoders.Layers;
using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders.Transformers;

/// <summary>A vision transformer as MoCo v3 trains it: patches of 16×16 pixels, a class token, fixed positions of sines and cosines, a
/// random patch projection that never learns. Takes N×C×H×W float32, H and W multiples of 16, gives the class token's N×F. Tensors have the
/// names of timm's <c>vit_small_patch16_224</c>; the positions are its <c>pos_embed</c>, those of 224×224 pixels. Source: Dosovitskiy et
/// al. 2021; Chen, Xie and He 2021, §5, with the initialisation of their code (<c>vits.py</c>).</summary>
internal sealed class VisionTransformer : nn.Module<Tensor, Tensor>, IStagedNetwork
{
    /// <summary>Side of a patch in pixels.</summary>
    public const int Patch = 16;

    /// <summary>Patches in a row of the images whose positions a file of weights has.</summary>
    public const int UsualGrid = 224 / Patch;

    private static readonly Scalar Tolerance = 1e-3.ToScalar();

    private readonly Parameter cls_token;
    private readonly Tensor pos_embed;
    private readonly PatchEmbedding patch_embed;
    private readonly Sequential blocks;
    private readonly LayerNormalization norm;
    private readonly int channels;
    private readonly Lazy<float[]> usual;
    private (int Rows, int Columns, float[] Values) computed = (0, 0, []);

    /// <param name="size">Width, depth and heads.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="precision">Arithmetic of the linear layers and the attention; tokens and normalisation stay float32.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public VisionTransformer(TransformerSize size, int channels, Precision precision, Generator generator)
        : base(TorchLibrary.LoadFor(nameof(VisionTransformer)))
    {
        (this.channels, Heads) = (channels, size.Heads);
        cls_token = Starting.With([1, 1, size.Width], values => values.normal_(0, 1e-6, generator));
        usual = new Lazy<float[]>(() => Values(UsualGrid, UsualGrid, size.Width));
        pos_embed = Positions(UsualGrid, UsualGrid, size.Width).DetachFromDisposeScope();
        patch_embed = new PatchEmbedding(channels, size.Width, precision, generator);
        blocks = nn.Sequential([.. Enumerable.Range(0, size.Depth)
            .Select(i => ($"{i}", (nn.Module<Tensor, Tensor>)new TransformerBlock(size, precision, generator)))]);
        norm = new LayerNormalization(size.Width);
        RegisterComponents();
        GC.KeepAlive(generator);
    }

    /// <summary>Heads of each attention, which no tensor's shape tells.</summary>
    public int Heads { get; }

    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return End(blocks.call(Begin(input))).MoveToOuterDisposeScope();
    }

    /// <summary>The embedding of the patches, every block, the normalisation.</summary>
    IReadOnlyList<Func<Tensor, Tensor>> IStagedNetwork.Stages
        => [Begin, .. blocks.children().Cast<nn.Module<Tensor, Tensor>>().Select(block => (Func<Tensor, Tensor>)block.call), End];

    /// <summary>N×C×H×W → N×(1 + hw)×F.</summary>
    private Tensor Begin(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.size(1) != channels || input.size(2) % Patch != 0 || input.size(3) % Patch != 0)
            throw new ArgumentException(
                $"input is {string.Join("×", input.shape)}; expected N×{channels}×H×W with H and W multiples of {Patch}.", nameof(input));

        using DisposeScope scope = NewDisposeScope();
        Tensor patches = patch_embed.call(input).to(ScalarType.Float32); // N×F×h×w
        (int rows, int columns) = ((int)patches.size(2), (int)patches.size(3));
        Tensor tokens = cat([cls_token.expand(input.size(0), 1, -1), patches.flatten(2).transpose(1, 2)], 1);
        return tokens.add(PositionsFor(rows, columns), One).MoveToOuterDisposeScope();
    }

    private Tensor End(Tensor x)
    {
        using Tensor first = x.select(1, 0);
        return norm.call(first);
    }

    /// <summary>Sines and cosines of the patches' rows and columns, and zeros for the class token.</summary>
    /// <returns>1×(1 + rows·columns)×width: of a patch sin and cos of its row, then of its column, over width/4 frequencies from 1 down to
    /// 1/10,000.</returns>
    internal static Tensor Positions(int rows, int columns, int width)
        => tensor(Values(rows, columns, width), [1, 1 + rows * columns, width]);

    private static float[] Values(int rows, int columns, int width)
    {
        int count = width / 4;
        float[] values = new float[(1 + rows * columns) * width];
        for (int patch = 0; patch < rows * columns; patch++)
        {
            Span<float> row = values.AsSpan((1 + patch) * width, width);
            for (int i = 0; i < count; i++)
            {
                double frequency = Math.Pow(10_000, -(double)i / count);
                (double sine, double cosine) = Math.SinCos(patch / columns * frequency);
                (row[i], row[count + i]) = ((float)sine, (float)cosine);
                (sine, cosine) = Math.SinCos(patch % columns * frequency);
                (row[2 * count + i], row[3 * count + i]) = ((float)sine, (float)cosine);
            }
        }
        return values;
    }

    /// <summary>The positions of images of other sizes are computed, unless the weights came with learnt ones, timm's: those are stretched
    /// as there. Which they are is found out on the device, so that nothing waits for it.</summary>
    private Tensor PositionsFor(int rows, int columns)
    {
        if ((rows, columns) == (UsualGrid, UsualGrid)) return pos_embed;
        int width = (int)pos_embed.size(2);
        if ((computed.Rows, computed.Columns) != (rows, columns)) computed = (rows, columns, Values(rows, columns, width));
        using IDisposable constant = no_grad();
        Tensor own = tensor(computed.Values, [1, 1 + rows * columns, width], device: pos_embed.device);
        Tensor fixedOnes = tensor(usual.Value, pos_embed.shape, device: pos_embed.device);
        Tensor grid = pos_embed.narrow(1, 1, UsualGrid * UsualGrid).reshape(1, UsualGrid, UsualGrid, width).permute(0, 3, 1, 2);
        Tensor stretched = nn.functional.interpolate(grid, [rows, columns], mode: InterpolationMode.Bicubic, align_corners: false,
            antialias: true);
        Tensor learnt = cat([pos_embed.narrow(1, 0, 1), stretched.flatten(2).transpose(1, 2)], 1);
        Tensor isOwn = pos_embed.sub(fixedOnes).abs().max().lt(Tolerance);
        return where(isOwn, own, learnt);
    }

    /// <summary>timm's <c>patch_embed</c>, frozen (MoCo v3's <c>stop_grad_conv1</c>).</summary>
    private sealed class PatchEmbedding : nn.Module<Tensor, Tensor>
    {
        private readonly BiasedConvolution proj;

        public PatchEmbedding(int channels, int width, Precision precision, Generator generator)
            : base(nameof(PatchEmbedding))
        {
            double bound = Math.Sqrt(6.0 / (channels * Patch * Patch + width));
            proj = new BiasedConvolution(channels, width, Patch, Patch, precision, values => values.uniform_(-bound, bound, generator));
            proj.Freeze();
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => proj.call(input);
    }
}
