using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Optimization;

/// <summary>One parameter's place in a flat tensor (<see cref="FlatParameters"/>).</summary>
public sealed class FlatParameter
{
    internal FlatParameter(string name, Parameter parameter, long offset)
        => (Name, Parameter, Offset, Shape, Length) = (name, parameter, offset, parameter.shape, parameter.NumberOfElements);

    /// <summary>The parameter's name in its module.</summary>
    public string Name { get; }

    /// <summary>The module's parameter.</summary>
    public Parameter Parameter { get; }

    /// <summary>Index of its first number.</summary>
    public long Offset { get; }

    /// <summary>How many numbers it has.</summary>
    public long Length { get; }

    internal long[] Shape { get; }

    /// <summary>The part of <paramref name="flat"/> that belongs to this parameter, in its shape; 4-D ones channels-last.</summary>
    /// <param name="flat">A 1-D tensor laid out like <see cref="FlatParameters.Values"/>.</param>
    public Tensor View(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        using Tensor part = flat.narrow(0, Offset, Length);
        if (Shape.Length != 4) return part.view(Shape);
        using Tensor last = part.view(Shape[0], Shape[2], Shape[3], Shape[1]); // O×k×k×I in memory
        return last.permute(0, 3, 1, 2);
    }
}
