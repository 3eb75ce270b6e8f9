using MoCo.Encoders.ResNets;

namespace MoCo.Encoders;

/// <summary>The bytes that a batch's pass through a <see cref="ResNet"/> holds, counted by letting every layer take and give back what it
/// does: the order is that of <see cref="ResNet.forward"/>, <see cref="ResidualBlock.forward"/> and autograd's backward.</summary>
/// <remarks>For backward a convolution keeps its input, BatchNorm its input, ReLU, which works in place, its result, pooling its input and
/// 8 bytes a place for where the largest number stood. A convolution's input is the ReLU's result before it, so that each layer keeps two
/// tensors of its output's size. BatchNorm over groups joins its groups' results by a copy, but in fused layers, which keep the
/// same else. A layer's statistics and a head's features are left out: kilobytes. On a GPU, where the plan is not made, a ResNet's stem
/// keeps less.</remarks>
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

    /// <summary>A pass with backward of which <see cref="GradientCheckpoints"/> keeps what goes into the stages.</summary>
    public static PassMemory Checkpointed(ResNetShape shape, long batch, Precision precision, int splits)
    {
        PassMemory pass = new(shape, batch, precision, splits);
        BlockShape[][] stages = [.. shape.Blocks.GroupBy(block => block.Stage).Select(stage => stage.ToArray())];
        pass.Keep("stem", () => pass.Constantly(pass.Stem, pass.StemOutput));
        foreach (BlockShape[] stage in stages[..^1])
            pass.Keep($"layer{stage[0].Stage + 1}", () => pass.ConstantBlocks(stage));
        pass.Forward(stages[^1]);
        pass.MeanBackward();
        pass.Backward(stages[^1]);
        foreach (BlockShape[] stage in stages[..^1].Reverse())
            Again(() => Array.ForEach(stage, pass.Block), () => pass.Backward(stage), pass.Of(stage[^1].Numbers.Output));
        Again(pass.Stem, pass.StemBackward, pass.StemOutput);
        return pass;

        // What the next stage was given goes; the result and the gradient that backward begins with stay until it ends.
        void Again(Action forward, Action backward, long output)
        {
            pass.Give(output);
            forward();
            pass.Take(2 * output);
            backward();
            pass.Give(2 * output);
        }
    }

    /// <summary>A pass without gradient: the stem's and a block's tensors go when they end, what goes from stage to stage when the network
    /// ends.</summary>
    public static PassMemory Constant(ResNetShape shape, long batch, Precision precision, int splits)
    {
        PassMemory pass = new(shape, batch, precision, splits);
        pass.Constantly(pass.Stem, pass.StemOutput);
        foreach (IGrouping<int, BlockShape> stage in shape.Blocks.GroupBy(block => block.Stage)) pass.ConstantBlocks([.. stage]);
        pass.Mean();
        pass.Give(pass.live);
        return pass;
    }

    /// <summary>What the stem gives to the first stage.</summary>
    private long StemOutput => shape.Pooled is { } pixels ? batch * shape.Stem.Outputs * pixels * bytes : Of(shape.Stem.OutputNumbers);

    /// <summary>A part without gradient, of which the output is left.</summary>
    private void Constantly(Action forward, long output)
    {
        long start = live;
        forward();
        Give(live - start);
        Take(output);
    }

    private void ConstantBlocks(BlockShape[] stage)
    {
        long input = 0;
        foreach (BlockShape block in stage)
        {
            Constantly(() =>
            {
                foreach (ConvolutionShape layer in block.All) Layer(layer);
            }, Of(block.Numbers.Output));
            Give(input);
            input = Of(block.Numbers.Output);
        }
    }

    private void Forward()
    {
        Keep("stem", Stem);
        Forward(shape.Blocks);
    }

    private void Forward(IEnumerable<BlockShape> blocks)
    {
        foreach (BlockShape block in blocks) Keep(block.Name, () => Block(block));
        Mean();
    }

    private void Block(BlockShape block)
    {
        foreach (ConvolutionShape layer in block.All) Layer(layer);
        if (block.Downsample is { } other) Give(Of(other.OutputNumbers)); // addition keeps neither summand
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
        MeanBackward();
        Backward(shape.Blocks);
        StemBackward();
    }

    private void MeanBackward()
    {
        Mean();
        Take(Of(shape.Blocks[^1].Numbers.Output));
    }

    private void Backward(IEnumerable<BlockShape> blocks)
    {
        foreach (BlockShape block in blocks.Reverse())
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
    }

    private void StemBackward()
    {
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
