using Mono.Cecil;
using Mono.Cecil.Cil;

namespace MoCo.Tests.Validation;

/// <summary>Finds in the library's own code what writes or reads a number as the user's culture has it: with another decimal sign, other
/// groups, another minus.</summary>
internal static class CultureUse
{
    private static readonly HashSet<string> Fractions = ["System.Double", "System.Single", "System.Decimal", "System.Half"];
    private static readonly HashSet<string> Wholes =
        ["System.Int32", "System.Int64", "System.Int16", "System.SByte", "System.UInt32", "System.UInt64", "System.UInt16", "System.Byte"];

    /// <summary>A line for each place: the method and what it calls.</summary>
    public static IEnumerable<string> In(string assembly)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly);
        foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
            foreach (string found in In(method)) yield return $"{method.DeclaringType.FullName}.{method.Name}: {found}";
    }

    private static IEnumerable<string> In(MethodDefinition method)
    {
        // Interpolated strings may stand in one another's holes.
        Stack<bool> hasCulture = new();
        foreach (Instruction instruction in method.Body.Instructions)
        {
            if (instruction.Operand is not MethodReference called) continue;
            bool isHandler = IsHandler(called.DeclaringType);
            if (isHandler && called.Name == ".ctor") hasCulture.Push(called.Parameters.All(p => p.ParameterType.Name != "IFormatProvider"));
            else if (TakesHandler(called) && hasCulture.Count > 0) hasCulture.Pop();
            else if (isHandler && called.Name == "AppendFormatted" && hasCulture.TryPeek(out bool culture) && culture
                && IsNumber(called, instruction.Previous))
                yield return $"a hole of {((GenericInstanceMethod)called).GenericArguments[0].Name}";
            else if (IsCultureCall(called)) yield return called.FullName;
            else if (IsBoxedFraction(called, instruction)) yield return "ArgumentOutOfRangeException with a fraction as the actual value";
        }
    }

    private static bool TakesHandler(MethodReference called) => called.Name == "ToStringAndClear"
        || called.Parameters.Any(p => IsHandler(p.ParameterType.GetElementType()));

    private static bool IsHandler(TypeReference type) => type.Name.EndsWith("InterpolatedStringHandler", StringComparison.Ordinal);

    /// <summary>The sign of a negative whole number is the culture's too, but its digits are the same everywhere; with a format, but
    /// hexadecimal, it has groups or a percent sign.</summary>
    private static bool IsNumber(MethodReference called, Instruction before)
    {
        if (called is not GenericInstanceMethod { GenericArguments: [TypeReference type] }) return false;
        if (type is GenericInstanceType { ElementType.Name: "Nullable`1" } nullable) type = nullable.GenericArguments[0];
        bool hasFormat = called.Parameters.Any(p => p.ParameterType.FullName == "System.String")
            && !(before.Operand is string format && format.StartsWith('X'));
        return Fractions.Contains(type.FullName) || type.IsGenericParameter || type.FullName is "System.DateTime" or "System.Object"
            || (hasFormat && (Wholes.Contains(type.FullName) || type.FullName == "System.TimeSpan"));
    }

    private static bool IsCultureCall(MethodReference called)
    {
        string type = called.DeclaringType.FullName;
        if (Fractions.Contains(type) || (Wholes.Contains(type) && called.Parameters.Count > 0))
            return called.Name is "ToString" or "Parse" or "TryParse" or "TryFormat"
                && called.Parameters.All(p => p.ParameterType.FullName != "System.IFormatProvider");
        return called is GenericInstanceMethod { GenericArguments: [TypeReference shown] } && Fractions.Contains(shown.FullName)
            && ((type == "System.String" && called.Name == "Join")
                || called.DeclaringType.Name == nameof(ArgumentOutOfRangeException));
    }

    private static bool IsBoxedFraction(MethodReference called, Instruction instruction)
    {
        if (called.DeclaringType.Name != nameof(ArgumentOutOfRangeException) || called.Parameters.Count != 3) return false;
        Instruction? before = instruction.Previous?.Previous;
        return before?.OpCode == OpCodes.Box && before.Operand is TypeReference type
            && (type.IsGenericParameter || Fractions.Contains(type.FullName));
    }
}
