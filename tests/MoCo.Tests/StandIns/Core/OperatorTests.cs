using System.Reflection;
using TorchSharp;

namespace MoCo.Tests.StandIns.Core;

public sealed class OperatorTests
{
    [Fact]
    public void Every_operator_that_the_stand_in_names_is_known_to_this_libtorch()
    {
        const BindingFlags all = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var unknown = new List<string>();
        int known = 0;
        foreach (FieldInfo field in typeof(torch).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters).SelectMany(type => type.GetFields(all)))
        {
            if (!field.IsStatic || field.FieldType.Name != "Operator") continue;
            object named = field.GetValue(null)!;
            try
            {
                named.GetType().GetMethod("Resolve", all)!.Invoke(named, null);
                known++;
            }
            catch (TargetInvocationException error)
            {
                unknown.Add($"{field.Name}: {error.InnerException!.Message.Split('\n')[0]}");
            }
        }

        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        Assert.True(known > 300, $"only {known} operators found");
    }
}
