namespace MoCo.Encoders;

/// <summary>The bytes that a batch's pass through a <see cref="ResNet"/> holds, counted by letting every layer take and give back what it
/// does: the order is that of <see cref="ResNet.forward"/>, <see cref="ResidualBlock.forward"/> and autograd's backward.</summary>
/// <remarks>For backward a convolution keeps its input, BatchNorm its input, ReLU, which works in place, its result, pooling its input and
/// 8 bytes a place for where the largest number stood. A convolution's input is the ReLU's result before it, so that each layer keeps two
/// tensors of its output's size. BatchNorm over groups joins its groups' results by a copy. A layer's statistics and a head's features are
/// left out: kilobytes.</remarks>
internal sealed class PassMemory
{
    private readonly ResNetShape shape;
    private readonly long batch;
    private readonly int bytes;
    private readonly bool inGroups;
    private readonly List<(string Layer, long Bytes)> kept = [];
    private long live;

    private PassMemory(ResNetShape shape, long batch, Precision precision, int splits)
        => (this.shape, this.batch, bytes, inGroups)
        = (shape, batch, BytesOf(precision), BatchGroups.SizesOf(batch, splits).Length > 1);

    /// <summary>What each layer keeps for backward.</summary>
    public IReadOnlyList<(string Layer, long Bytes)> Kept => kept;

    /// <summary>The most at a time, kept or not.</summary>
    public long Peak { get; private set; }

    /// <summary>What is left when the pass is over; 0, or the count is wrong.</summary>
    public long Left => live;

    private bool IsHalf => bytes < sizeof(float);

    private long InputBytes => batch * shape.Stem.InputNumbers;

    /// <summary>Bytes of a number that convolutions take and make.</summary>
    public static int BytesOf(Precision precision) => precision == Precision.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>A pass with backward.</summary>
    public static PassMemory Learning(ResNetShape shape, long batch, Precision precision, int splits)
    {
        PassMemory pass = new(shape, batch, precision, splits);
        pass.Forward();
        pass.Backward();
        return pass;
    }

    /// <summary>A pass without gradient: a block's tensors go when it ends, the stem's and a stage's result when the network
    /// ends.</summary>
    public static PassMemory Constant(ResNetShape shape, long batch, Precision precision, int splits)
    {
        PassMemory pass = new(shape, batch, precision, splits);
        pass.Stem();
        if (shape.Pooled is { } pixels) pass.Give(batch * shape.Stem.Outputs * pixels * sizeof(long)); // places are for backward
        long input = 0;
        foreach (BlockShape block in shape.Blocks)
        {
            long start = pass.live;
            foreach (ConvolutionShape layer in block.All) pass.Layer(layer);
            pass.Give(pass.live - start);
            pass.Take(pass.Of(block.Numbers.Output));
            bool isFirst = shape.Blocks.First(other => other.Stage == block.Stage) == block;
            if (!isFirst) pass.Give(input);
            input = pass.Of(block.Numbers.Output);
        }
        pass.Mean();
        pass.Give(pass.live);
        return pass;
    }

    private void Forward()
    {
        Keep("stem", Stem);
        foreach (BlockShape block in shape.Blocks)
            Keep(block.Name, () =>
            {
                foreach (ConvolutionShape layer in block.All) Layer(layer);
                if (block.Downsample is { } other) Give(Of(other.OutputNumbers)); // addition keeps neither summand
            });
        Mean();
    }

    /// <summary>The input in the groups' order and in the convolutions' type, and the first layer.</summary>
    private void Stem()
    {
        if (inGroups) Take(InputBytes * sizeof(float));
        if (IsHalf) Take(InputBytes * bytes);
        Layer(shape.Stem);
        if (shape.Pooled is { } pixels) Take(Pooled(pixels));
    }

    private long Pooled(long pixels) => batch * shape.Stem.Outputs * pixels * (bytes + sizeof(long));

    /// <summary>Convolution, BatchNorm and, in place, ReLU.</summary>
    private void Layer(ConvolutionShape layer)
    {
        if (IsHalf) Take(layer.Weights * bytes);
        long output = Of(layer.OutputNumbers);
        Take(output);
        Take(output);
        if (inGroups) Briefly(output);
    }

    private void Mean()
    {
        if (IsHalf) Briefly(batch * shape.Blocks[^1].Numbers.Output * sizeof(float));
    }

    private void Backward()
    {
        Mean();
        Take(Of(shape.Blocks[^1].Numbers.Output));
        foreach (BlockShape block in shape.Blocks.Reverse())
        {
            (long input, long output) = (Of(block.Numbers.Input), Of(block.Numbers.Output));
            Activation(output);
            // Autograd goes backwards through what came last first.
            if (block.Downsample is { } other)
            {
                Normalization(other, keepsGradient: true);
                Gradients(other);
            }
            for (int i = block.Path.Length - 1; i >= 0; i--)
            {
                // What goes around the block waits for what goes through it.
                Normalization(block.Path[i], keepsGradient: i == block.Path.Length - 1 && block.Downsample is null);
                Gradients(block.Path[i]);
                if (i > 0) Activation(Of(block.Path[i].InputNumbers));
            }
            Give(input); // the sum of both gradients
        }
        long first = Of(shape.Stem.OutputNumbers);
        if (shape.Pooled is { } pixels)
        {
            Take(first);
            Give(Pooled(pixels) + batch * shape.Stem.Outputs * pixels * bytes);
        }
        Activation(first);
        Normalization(shape.Stem, keepsGradient: false);
        Give(first);
        if (IsHalf) Give(shape.Stem.Weights * bytes + InputBytes * bytes);
        if (inGroups) Give(InputBytes * sizeof(float));
    }

    /// <summary>ReLU's: the gradient before it, then without the one behind it and its result.</summary>
    private void Activation(long size)
    {
        Take(size);
        Give(2 * size);
    }

    /// <summary>BatchNorm's: the same with its input.</summary>
    private void Normalization(ConvolutionShape layer, bool keepsGradient)
    {
        long size = Of(layer.OutputNumbers);
        Take(size);
        Give(keepsGradient ? size : 2 * size);
    }

    /// <summary>A convolution's: of the input, and of the weights until they are added up.</summary>
    private void Gradients(ConvolutionShape layer)
    {
        Take(Of(layer.InputNumbers));
        Briefly(layer.Weights * bytes);
        Give(Of(layer.OutputNumbers));
        if (IsHalf) Give(layer.Weights * bytes);
    }

    private void Keep(string layer, Action forward)
    {
        long before = live;
        forward();
        kept.Add((layer, live - before));
    }

    private long Of(long numbers) => batch * numbers * bytes;

    private void Take(long size) => Peak = Math.Max(Peak, live += size);

    private void Give(long size) => live -= size;

    private void Briefly(long size)
    {
        Take(size);
        Give(size);
    }
}
