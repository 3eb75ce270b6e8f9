using System.Runtime.CompilerServices;

namespace MoCo.Validation;

/// <summary>What tells of a number that is not allowed; .NET's own exception would show a fraction as the user's culture has it.</summary>
internal static class OutOfRange
{
    public static ArgumentOutOfRangeException Of<T>(T value, string expected, [CallerArgumentExpression(nameof(value))] string name = "")
        => new(name, Invariant($"{value}"), expected);
}
