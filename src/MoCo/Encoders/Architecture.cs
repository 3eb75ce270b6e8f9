using MoCo.Tensors;

namespace MoCo.Encoders;

/// <summary>What stands behind a <see cref="Backbone"/>'s name.</summary>
internal abstract record Architecture
{
    /// <summary>Numbers that the network makes of an image.</summary>
    public abstract int Features(EncoderOptions options);

    /// <summary>Whether <see cref="EncoderOptions.Stem"/> and <see cref="EncoderOptions.BatchNormSplits"/> mean something to it.</summary>
    public virtual bool HasStemAndBatchNorm => true;

    /// <summary>Linear layers of MoCo v3's projector on this network, as its code has them.</summary>
    public virtual int ProjectorLayers => 2;

    /// <summary>Whether MoCo v3's predictor ends with a BatchNorm.</summary>
    public virtual bool PredictorEndsNormed => false;

    /// <summary>Makes the network, on the CPU, of weights drawn from the generator.</summary>
    public abstract nn.Module<Tensor, Tensor> Create(EncoderOptions options, Precision precision, Generator generator);

    /// <summary>A large tensor of the network as its options have it, which a file of its weights must hold before it is built; null: none
    /// is known.</summary>
    public virtual (string Name, long[] Shape)? Witness(EncoderOptions options) => null;

    /// <summary>What is expected of an image's side where the network can't take it; null where it can.</summary>
    public virtual string? SideExpected(int side) => null;
}

/// <summary>A network that a program registered.</summary>
internal sealed record OwnArchitecture(string Name, Func<EncoderOptions, Generator, nn.Module<Tensor, Tensor>> Make, int Dimension)
    : Architecture
{
    public override int Features(EncoderOptions options) => Dimension;

    public override nn.Module<Tensor, Tensor> Create(EncoderOptions options, Precision precision, Generator generator)
    {
        using Tensor before = RandomState.Copy(), seeded = generator.get_state();
        try
        {
            RandomState.Restore(seeded);
            nn.Module<Tensor, Tensor> made = Make(options, generator) ?? throw new InvalidOperationException(
                $"The function that was registered for the backbone {Name} gave null; expected a module.");
            // Whatever scope they were made in, they live as long as the module.
            foreach (Tensor tensor in made.parameters().Concat(made.buffers())) tensor.DetachFromDisposeScope();
            return made;
        }
        finally
        {
            RandomState.Restore(before);
        }
    }
}
