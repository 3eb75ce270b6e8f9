using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MoCo.Tests.Packaging;

/// <summary>An assembly's public and protected members, one a line.</summary>
internal static class ApiSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string[] Of(Assembly assembly) => [.. assembly.GetExportedTypes().SelectMany(Lines).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = type.FullName!.Replace('+', '.');
        yield return $"{name}: {Kind(type)}{Bases(type)}";
        if (type.IsEnum)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return $"{name}.{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
            yield break;
        }
        // What the compiler writes into every record and delegate says nothing more than its kind.
        IEnumerable<MemberInfo> members = type.GetMembers(Declared).Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null);
        foreach (MemberInfo member in members)
        {
            if (member is ConstructorInfo constructor && Visible(constructor) && !IsCopy(constructor))
                yield return $"{name}{Access(constructor)}.new({Parameters(constructor)})";
            if (member is MethodInfo method && Visible(method) && !method.IsSpecialName)
                yield return $"{name}{Access(method)}.{method.Name}{Generics(method)}({Parameters(method)}) → {TypeName(Nullability.Create(method.ReturnParameter))}";
            if (member is MethodInfo operation && Visible(operation) && operation.IsSpecialName && operation.Name.StartsWith("op_", StringComparison.Ordinal))
                yield return $"{name} static.{operation.Name}({Parameters(operation)}) → {TypeName(operation.ReturnType)}";
            if (member is PropertyInfo property && new[] { property.GetMethod, property.SetMethod }.Any(accessor => accessor is not null && Visible(accessor)))
                yield return $"{name}{Access((property.GetMethod ?? property.SetMethod)!)}.{property.Name} {{ {Accessors(property)}}}: {TypeName(Nullability.Create(property))}";
            if (member is FieldInfo field && (field.IsPublic || field.IsFamily))
                yield return $"{name}{(field.IsStatic ? " static" : "")}.{field.Name}: {TypeName(Nullability.Create(field))}{(field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "")}";
            if (member is EventInfo happening && Visible(happening.AddMethod!))
                yield return $"{name}.{happening.Name}: event {TypeName(happening.EventHandlerType!)}";
        }
    }

    private static string Kind(Type type)
    {
        bool record = type.GetMethod("PrintMembers", Declared) is not null;
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        if (type.IsValueType)
            return $"{(type.GetCustomAttribute<IsReadOnlyAttribute>() is null ? "" : "readonly ")}{(type.IsByRefLike ? "ref " : "")}{(record ? "record " : "")}struct";
        return (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (record ? "record" : "class");
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum) return "";
        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        string[] bases =
        [
            .. type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? new[] { TypeName(parent) } : [],
            .. type.GetInterfaces().Except(inherited).Where(i => i.IsPublic && i.Name != "IEquatable`1").Select(TypeName).Order(StringComparer.Ordinal),
        ];
        return bases.Length == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsCopy(ConstructorInfo constructor) => constructor.IsFamily && constructor.GetParameters() is [{ } only] && only.ParameterType == constructor.DeclaringType;

    private static string Access(MethodBase method)
        => (method.IsPublic ? "" : " protected") + (method.IsStatic ? " static" : method.IsAbstract && !method.DeclaringType!.IsInterface ? " abstract" : Overrides(method) ? " override" : method.IsVirtual && !method.IsFinal && !method.DeclaringType!.IsInterface ? " virtual" : "");

    private static bool Overrides(MethodBase method) => method is MethodInfo info && info.GetBaseDefinition().DeclaringType != info.DeclaringType;

    private static string Accessors(PropertyInfo property)
    {
        string text = property.GetMethod is { } get && Visible(get) ? "get; " : "";
        if (property.SetMethod is not { } set || !Visible(set)) return text;
        bool init = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return text + (set.IsPublic ? "" : "protected ") + (init ? "init; " : "set; ");
    }

    private static string Generics(MethodInfo method) => method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method)
    {
        string extension = method.GetCustomAttribute<ExtensionAttribute>() is null ? "" : "this ";
        return extension + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string mode = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? (parameter.IsIn ? "in " : "ref ") : parameter.GetCustomAttribute<ParamArrayAttribute>() is null ? "" : "params ";
        return $"{mode}{TypeName(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue)}" : "")}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        Enum member => $"{member.GetType().Name}.{member}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "default",
    };

    private static string TypeName(NullabilityInfo info)
    {
        Type type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        string mark = !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray && info.ElementType is { } element) return $"{TypeName(element)}[]{mark}";
        if (type.IsGenericType && !type.IsValueType && info.GenericTypeArguments.Length == type.GetGenericArguments().Length)
            return $"{Bare(type)}<{string.Join(", ", info.GenericTypeArguments.Select(TypeName))}>{mark}";
        return TypeName(type) + mark;
    }

    private static string TypeName(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (Nullable.GetUnderlyingType(type) is { } value) return TypeName(value) + "?";
        if (type.IsArray) return TypeName(type.GetElementType()!) + "[]";
        return type.IsGenericType ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>" : Bare(type);
    }

    private static string Bare(Type type)
    {
        string name = type.Name.Split('`')[0];
        return type.IsNested && !type.IsGenericParameter ? $"{Bare(type.DeclaringType!)}.{name}" : name;
    }
}
