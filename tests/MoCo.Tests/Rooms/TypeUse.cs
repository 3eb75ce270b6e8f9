using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace MoCo.Tests.Rooms;

/// <summary>One type that uses another, as the compiled code has it; what the compiler makes of lambdas, iterators and async methods counts
/// for the type that they stand in.</summary>
/// <remarks>ArchUnitNET, which reads the compiled code, leaves out catch clauses, async iterators and what the compiler folds (constants,
/// nameof): a test of the source files' imports stands beside this one.</remarks>
internal sealed record TypeUse(string User, string Used)
{
    public string UserSpace => Space(User);

    public string UsedSpace => Space(Used);

    /// <summary>The files that declare the using type; of several (partial types) those that name the used one.</summary>
    private string Files
    {
        get
        {
            string name = Outermost(User)[(UserSpace.Length + 1)..], used = Outermost(Used).Split('.')[^1];
            Regex declaration = new($@"\b(?:class|struct|interface|enum|record)\s+{name}\b|\bdelegate\s[^;]*\b{name}\b");
            SourceFile[] declaring =
                [.. SourceFile.Under("src/MoCo").Where(file => file.Space == UserSpace && declaration.IsMatch(file.Text))];
            SourceFile[] naming = [.. declaring.Where(file => Regex.IsMatch(file.Text, $@"\b{used}\b"))];
            return string.Join(", ", (naming.Length > 0 ? naming : declaring).Select(file => file.Path));
        }
    }

    public override string ToString() => $"{Files}: {User} uses {Used}";

    /// <summary>All uses by the types of one namespace of an assembly and those below it.</summary>
    public static TypeUse[] In(Assembly assembly, string space)
    {
        // Its caches would hold 200 MB of small objects to the end of the tests, and every collection would look at them.
        Architecture compiled = new ArchLoader().WithoutArchitectureCache().WithoutRuleEvaluationCache().LoadAssembly(assembly).Build();
        return
        [
            .. compiled.Types.Where(type => $"{Space(type.FullName)}.".StartsWith($"{space}.", StringComparison.Ordinal))
                .SelectMany(type => type.Dependencies).Where(use => use.Target is not GenericParameter)
                .Select(use => new TypeUse(use.Origin.FullName, use.Target.FullName))
                .Distinct().OrderBy(use => use.User, StringComparer.Ordinal),
        ];
    }

    private static string Space(string type) => Outermost(type) is { } name && name.LastIndexOf('.') is > 0 and int dot ? name[..dot] : "";

    private static string Outermost(string type) => type.Split('+', '`', '<')[0];
}
