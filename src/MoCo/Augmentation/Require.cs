using System.Runtime.CompilerServices;

namespace MoCo.Augmentation;

/// <summary>The one wording for a step's parameter that is out of its range.</summary>
internal static class Require
{
    internal static void That(bool holds, string parameter, object value, string expected)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(parameter, value, $"Expected {expected}.");
    }

    internal static void Size(int size, [CallerArgumentExpression(nameof(size))] string parameter = "") =>
        That(size is >= 1 and <= 16_384, parameter, size, "1 to 16384 pixels");

    internal static void Strength(double strength, [CallerArgumentExpression(nameof(strength))] string parameter = "") =>
        That(strength >= 0 && double.IsFinite(strength), parameter, strength, "a strength of 0 or more");

    internal static void Probability(double probability, [CallerArgumentExpression(nameof(probability))] string parameter = "") =>
        That(probability is >= 0 and <= 1, parameter, probability, "a probability from 0 to 1");
}
