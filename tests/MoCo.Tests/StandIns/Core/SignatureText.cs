using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MoCo.Tests.StandIns.Core;

/// <summary>Writes types and members as the list of the real package's API does, without virtual, override and the like.</summary>
internal static class SignatureText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    internal static string Heading(Type type) => $"{type.Namespace}.{Path(type, type.GetGenericArguments())}";

    internal static string? Of(MemberInfo member) => member switch
    {
        FieldInfo field => Of(field),
        PropertyInfo property => Of(property),
        ConstructorInfo { IsStatic: false } constructor => $"{Access(constructor)}new({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when method.Name != "Finalize" => Of(method),
        MethodInfo method when method.Name.StartsWith("op_", StringComparison.Ordinal) => Operator(method),
        _ => null,
    };

    internal static string Name(Type type) => Name(type, null, new Position());

    private static string Of(FieldInfo field)
    {
        if (field.DeclaringType!.IsEnum) return $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
        string access = field.IsPublic ? "" : "protected ";
        string type = Name(field.FieldType, field, new Position());
        if (field.IsLiteral) return $"{access}const {type} {field.Name} = {Literal(field.GetRawConstantValue(), field.FieldType)}";
        return $"{access}{(field.IsStatic ? "static " : "")}{type} {field.Name}";
    }

    private static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Of(PropertyInfo property)
    {
        MethodInfo? get = Visible(property.GetMethod), set = Visible(property.SetMethod);
        string name = property.GetIndexParameters().Length > 0
            ? $"this[{string.Join(", ", property.GetIndexParameters().Select(Of))}]"
            : property.Name;
        return $"{Access((get ?? set)!)}{Name(property.PropertyType, property, new Position())} {name} {{ {(get is null ? "" : "get; ")}{(set is null ? "" : IsInit(set) ? "init; " : "set; ")}}}";
    }

    private static string Of(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(t => t.Name))}>" : "";
        return $"{Access(method)}{Returned(method)} {method.Name}{generic}({Parameters(method)}){Constraints(method.GetGenericArguments())}";
    }

    private static string Operator(MethodInfo method) => method.Name switch
    {
        "op_Implicit" => $"static implicit operator {Returned(method)}({Parameters(method)})",
        "op_Explicit" => $"static explicit operator {Returned(method)}({Parameters(method)})",
        _ => $"static {Returned(method)} operator {Symbol(method.Name)}({Parameters(method)})",
    };

    private static string Symbol(string name) => name switch
    {
        "op_Addition" => "+",
        "op_Subtraction" or "op_UnaryNegation" => "-",
        "op_Multiply" => "*",
        "op_Division" => "/",
        "op_Modulus" => "%",
        "op_BitwiseAnd" => "&",
        "op_BitwiseOr" => "|",
        "op_ExclusiveOr" => "^",
        "op_OnesComplement" => "~",
        "op_Equality" => "==",
        "op_Inequality" => "!=",
        "op_LessThan" => "<",
        "op_LessThanOrEqual" => "<=",
        "op_GreaterThan" => ">",
        "op_GreaterThanOrEqual" => ">=",
        _ => name,
    };

    private static string Access(MethodBase method) => (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "");

    private static MethodInfo? Visible(MethodInfo? accessor) =>
        accessor is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true } ? accessor : null;

    private static string Returned(MethodInfo method) => Name(method.ReturnType, method.ReturnTypeCustomAttributes, new Position());

    private static string Parameters(MethodBase method)
    {
        string self = method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "";
        return self + string.Join(", ", method.GetParameters().Select(Of));
    }

    private static string Of(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        string prefix = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "";
        if (type.IsByRef)
        {
            prefix += parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
            type = type.GetElementType()!;
        }
        string text = $"{prefix}{Name(type, parameter, new Position())} {parameter.Name}";
        return parameter.HasDefaultValue ? $"{text} = {Literal(parameter.RawDefaultValue, type)}" : text;
    }

    private static string Literal(object? value, Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null or Missing) return type.IsGenericParameter || (type.IsValueType && plain == type) ? "default" : "null";
        if (plain.IsEnum) return $"{plain.Name}.{Enum.ToObject(plain, value)}";
        return value switch
        {
            bool flag => flag ? "true" : "false",
            string text => $"\"{text}\"",
            char letter => $"'{letter}'",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            double number => number.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string Constraints(Type[] parameters) => string.Concat(parameters.Select(Constraint));

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        var parts = new List<string>();
        bool unmanaged = parameter.CustomAttributes.Any(a => a.AttributeType.Name == "IsUnmanagedAttribute");
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (unmanaged) parts.Add("unmanaged");
        else if (isStruct) parts.Add("struct");
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) parts.Add("class");
        parts.AddRange(parameter.GetGenericParameterConstraints().Where(t => t != typeof(ValueType)).Select(Name));
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct) parts.Add("new()");
        return parts.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", parts)}";
    }

    private static string Name(Type type, ICustomAttributeProvider? names, Position position)
    {
        if (type.IsArray) return $"{Name(type.GetElementType()!, names, position)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value, names, position) + "?";
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsGenericParameter) return type.Name;
        if (type.Namespace == "System" && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)) return Tuple(type, names, position);
        string path = Path(type, Array.ConvertAll(type.GetGenericArguments(), t => t), t => Name(t, names, position));
        return path.StartsWith("torch.", StringComparison.Ordinal) ? path["torch.".Length..] : path;
    }

    private static string Tuple(Type type, ICustomAttributeProvider? provider, Position position)
    {
        var attribute = provider?.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).Cast<TupleElementNamesAttribute>().FirstOrDefault();
        Type[] elements = type.GetGenericArguments();
        int first = position.Next;
        position.Next += elements.Length;
        IEnumerable<string> parts = elements.Select((element, i) =>
        {
            string text = Name(element, provider, position);
            return attribute?.TransformNames[first + i] is { } name ? $"{text} {name}" : text;
        });
        return $"({string.Join(", ", parts)})";
    }

    private static string Path(Type type, Type[] arguments, Func<Type, string>? render = null)
    {
        render ??= t => t.Name;
        var chain = new Stack<Type>();
        for (Type? outer = type; outer is not null; outer = outer.DeclaringType) chain.Push(outer);
        int used = 0;
        return string.Join('.', chain.Select(link =>
        {
            int tick = link.Name.IndexOf('`', StringComparison.Ordinal);
            if (tick < 0) return link.Name;
            int count = int.Parse(link.Name[(tick + 1)..], CultureInfo.InvariantCulture);
            string list = string.Join(", ", arguments.Skip(used).Take(count).Select(render));
            used += count;
            return $"{link.Name[..tick]}<{list}>";
        }));
    }

    /// <summary>Where in the list of a signature's tuple names the next tuple's begin.</summary>
    private sealed class Position
    {
        internal int Next { get; set; }
    }
}
