using Mono.Cecil;
using Mono.Cecil.Rocks;
using TorchSharp;

namespace MoCo.Tests.Tensors;

/// <summary>Finds in TorchSharp's own code what makes a scalar that nothing holds (the implicit conversions, the methods that call them,
/// and so on up), and likewise a generator (what asks for the default one). What a virtual call may reach is not followed; types whose
/// overrides make one are banned as types.</summary>
internal sealed class TemporaryScalars
{
    private const string Distributions = "TorchSharp.torch/distributions";

    private readonly List<TypeDefinition> types;
    private readonly HashSet<MethodDefinition> makers;

    public TemporaryScalars()
    {
        types = [.. Nested(ModuleDefinition.ReadModule(typeof(torch).Assembly.Location).Types)];
        MethodDefinition[] methods = [.. types
            .Where(type => type.FullName != typeof(Scalar).FullName && type.Name != nameof(ScalarExtensionMethods))
            .SelectMany(type => type.Methods).Where(method => method.HasBody && !(method.IsConstructor && method.IsStatic))];
        Dictionary<MethodDefinition, MethodReference[]> calls = methods.ToDictionary(
            method => method, method => method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>().ToArray());
        makers = [.. methods.Where(method => calls[method].Any(MakesScalar))];
        HashSet<string> names = makers.Select(method => method.FullName).ToHashSet();
        while (methods.Where(CallsMaker).ToArray() is { Length: > 0 } more)
        {
            makers.UnionWith(more);
            names.UnionWith(more.Select(method => method.FullName));
        }
        bool CallsMaker(MethodDefinition method)
            => !makers.Contains(method) && calls[method].Any(call => names.Contains(call.GetElementMethod().FullName));
    }

    /// <summary>The members to ban, as documentation ids, sorted.</summary>
    public string[] Ids()
    {
        string[] conversions = [.. types.Single(type => type.FullName == typeof(Scalar).FullName).Methods
            .Where(method => method.Name == "op_Implicit").Select(DocCommentId.GetDocCommentId)];
        TypeDefinition[] banned = [.. types.Where(type => IsPublic(type) && IsModuleOrOptimizer(type) && Ancestors(type).Any(Overrides))];
        HashSet<string> bannedNames = banned.Select(type => type.FullName).ToHashSet();
        IEnumerable<string> factories = types.Where(IsPublic).SelectMany(type => type.Methods)
            .Where(method => method is { IsPublic: true, IsStatic: true } && bannedNames.Contains(method.ReturnType.FullName))
            .Select(DocCommentId.GetDocCommentId);
        IEnumerable<string> members = makers.Where(method => method.IsPublic && IsPublic(method.DeclaringType)
            && !bannedNames.Contains(method.DeclaringType.FullName) && !IsOfDistributions(method.DeclaringType))
            .Select(DocCommentId.GetDocCommentId);
        return [.. conversions.Concat(banned.Select(DocCommentId.GetDocCommentId)).Concat(factories).Concat(members)
            .Append(DocCommentId.GetDocCommentId(types.Single(type => type.FullName == Distributions)))
            .Distinct().Order(StringComparer.Ordinal)];

        bool Overrides(TypeDefinition type) => type.Methods.Any(method => method.IsVirtual && makers.Contains(method));
    }

    private static bool MakesScalar(MethodReference method)
        => (method.DeclaringType.FullName == typeof(Scalar).FullName && method.Name is "op_Implicit" or ".ctor")
            || method.DeclaringType.Name == nameof(ScalarExtensionMethods)
            || (method.DeclaringType.FullName == "TorchSharp.torch/Generator" && method.Name == "get_Default");

    private static bool IsPublic(TypeDefinition type)
        => type.DeclaringType is null ? type.IsPublic : type.IsNestedPublic && IsPublic(type.DeclaringType);

    private static bool IsModuleOrOptimizer(TypeDefinition type)
        => Ancestors(type).Any(ancestor => ancestor.Name is "Module" or "Optimizer");

    private static bool IsOfDistributions(TypeDefinition type)
        => Ancestors(type).Any(ancestor => ancestor.FullName.StartsWith(Distributions, StringComparison.Ordinal));

    private static IEnumerable<TypeDefinition> Ancestors(TypeDefinition type)
    {
        for (TypeDefinition? at = type; at?.Module == type.Module; at = at.BaseType?.Scope == type.Module ? at.BaseType.Resolve() : null)
            yield return at;
    }

    private static IEnumerable<TypeDefinition> Nested(IEnumerable<TypeDefinition> types)
        => types.SelectMany(type => Nested(type.NestedTypes).Prepend(type));
}
