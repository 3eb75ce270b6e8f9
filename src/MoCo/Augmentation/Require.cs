using System.Runtime.CompilerServices;

namespace MoCo.Augmentation;

/// <summary>The one wording for a step's parameter that is out of its range; what is in range is given back.</summary>
internal static class Require
{
    internal static T That<T>(bool holds, T value, string expected, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        holds ? value : throw OutOfRange.Of(value, $"Expected {expected}.", parameter);

    internal static int Size(int size, [CallerArgumentExpression(nameof(size))] string parameter = "") =>
        That(size is >= 1 and <= 16_384, size, "1 to 16384 pixels", parameter);

    internal static double Strength(double strength, [CallerArgumentExpression(nameof(strength))] string parameter = "") =>
        That(strength >= 0 && double.IsFinite(strength), strength, "a strength of 0 or more", parameter);

    internal static double Probability(double probability, [CallerArgumentExpression(nameof(probability))] string parameter = "") =>
        That(probability is >= 0 and <= 1, probability, "a probability from 0 to 1", parameter);
}
