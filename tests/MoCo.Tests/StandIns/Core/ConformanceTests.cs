using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace MoCo.Tests.StandIns.Core;

public sealed class ConformanceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [SkippableTheory]
    [InlineData("TorchSharp-0.106.0", typeof(torch))]
    [InlineData("SixLabors.ImageSharp-3.1.12", typeof(SixLabors.ImageSharp.Image))]
    public void Every_public_member_exists_in_the_real_package(string package, Type member)
    {
        RealApi? real = RealApi.Find(package);
        Skip.If(real is null, "no list of the real package's API above this folder");

        var wrong = new List<string>();
        foreach (Type type in member.Assembly.GetTypes().Where(IsVisible).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            string heading = SignatureText.Heading(type);
            if (!real.HasType(heading)) wrong.Add($"{heading}: no such type");
            else if (real.KindOf(heading) != Kind(type)) wrong.Add($"{heading}: a {Kind(type)} here, a {real.KindOf(heading)} there");
            else if (Kind(type) != "delegate") wrong.AddRange(Members(type).Where(text => !real.HasMember(heading, text)).Select(text => $"{heading}: {text}"));
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} members differ from the real package's:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [InlineData(typeof(torch), "TorchSharp", "0.106.0.0")]
    [InlineData(typeof(SixLabors.ImageSharp.Image), "SixLabors.ImageSharp", "3.0.0.0")]
    public void The_assembly_bears_the_real_name_and_version(Type member, string package, string version)
    {
        AssemblyName name = member.Assembly.GetName();

        Assert.Equal(package, name.Name);
        Assert.Equal(Version.Parse(version), name.Version);
    }

    [Fact]
    public void Indexers_of_tensors_bear_the_name_that_the_real_ones_were_compiled_with()
    {
        IEnumerable<PropertyInfo> indexers = typeof(torch.Tensor).GetProperties().Where(property => property.GetIndexParameters().Length > 0);

        Assert.All(indexers, indexer => Assert.Equal("TensorItems", indexer.Name));
    }

    private static IEnumerable<string> Members(Type type) =>
        from member in type.GetMembers(Declared)
        where IsVisible(member) && !member.IsDefined(typeof(CompilerGeneratedAttribute), false)
        let text = SignatureText.Of(member)
        where text is not null
        select text;

    private static bool IsVisible(Type type)
    {
        bool self = type.IsPublic || type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem;
        return self && (type.DeclaringType is null || IsVisible(type.DeclaringType));
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo { IsSpecialName: false } field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(true).Any(IsVisible),
        _ => false,
    };

    private static string Kind(Type type)
    {
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        if (type.IsSubclassOf(typeof(Delegate))) return "delegate";
        return type.IsValueType ? "struct" : "class";
    }
}
