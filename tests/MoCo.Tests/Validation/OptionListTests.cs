using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using MoCo.Data;
using MoCo.Evaluation.Linear;
using MoCo.Optimization;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Validation;

/// <summary>Records of options are equal where their content is, lists included, and don't change with the list that they were made
/// of.</summary>
public sealed class OptionListTests
{
    public static TheoryData<Type> Records =>
        [.. typeof(MoCoOptions).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && type.GetConstructor([]) is not null
            && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type.IsAssignableTo(typeof(LearningRateSchedule))))];

    [Theory]
    [MemberData(nameof(Records))]
    public void Two_records_with_the_defaults_are_equal_and_so_are_two_with_the_same_lists(Type type)
    {
        Assert.Equal(Activator.CreateInstance(type), Activator.CreateInstance(type));
        foreach (PropertyInfo list in type.GetProperties().Where(property => property.PropertyType != typeof(string)
            && property.PropertyType.IsAssignableTo(typeof(IEnumerable))))
        {
            Assert.Equal(Made("[1, 2]"), Made("[1, 2]"));
            Assert.Equal(Made("[1, 2]").GetHashCode(), Made("[1, 2]").GetHashCode());
            Assert.NotEqual(Made("[1, 2]"), Made("[1, 3]"));

            object Made(string content)
            {
                Type item = list.PropertyType.GetGenericArguments()[0];
                if (item == typeof(string)) content = content.Replace("1", "\"a\"", StringComparison.Ordinal).Replace("2", "\"b\"",
                    StringComparison.Ordinal).Replace("3", "\"c\"", StringComparison.Ordinal);
                object made = Activator.CreateInstance(type)!;
                list.SetValue(made, System.Text.Json.JsonSerializer.Deserialize(content, list.PropertyType));
                return made;
            }
        }
    }

    [Fact]
    public void A_list_that_is_changed_afterwards_changes_no_options()
    {
        List<int> milestones = [3, 5];
        MoCoOptions options = new() { Schedule = new StepSchedule { Milestones = milestones } };
        milestones.Add(7);
        Assert.Equal([3, 5], ((StepSchedule)options.Schedule).Milestones);
        Assert.Equal(options, options with { Schedule = new StepSchedule { Milestones = (int[])[3, 5] } });
    }

    [Fact]
    public void Options_that_went_through_a_checkpoint_are_equal_to_those_that_were_saved()
    {
        MoCoOptions options = new() { Schedule = new StepSchedule { Milestones = [3, 5], Decay = 0.5 } };
        Assert.Equal(options, StoredOptions.Read<MoCoOptions>("file", StoredOptions.Write(options), read => read.Validate()));
    }

    [Fact]
    public void A_list_that_is_missing_is_told_by_name()
    {
        MoCoOptions options = new() { Schedule = new StepSchedule { Milestones = null! } };
        Assert.Contains("Schedule.Milestones is null", Assert.Throws<ArgumentException>(options.Validate).Message,
            StringComparison.Ordinal);
        SourceOptions folder = new() { Extensions = null! };
        Assert.Contains("Extensions is null", Assert.Throws<ArgumentException>(folder.Validate).Message, StringComparison.Ordinal);
        LinearProbeOptions probe = new() { LearningRates = null! };
        Assert.Contains("LearningRates is null", Assert.Throws<ArgumentException>(probe.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_enumeration_is_stored_as_a_number()
    {
        JsonObject stored = JsonNode.Parse(StoredOptions.Write(new MoCoOptions()))!.AsObject();
        foreach ((PropertyInfo property, JsonNode? value) in Properties(typeof(MoCoOptions), stored))
            if (property.PropertyType.IsEnum) Assert.Equal(System.Text.Json.JsonValueKind.String, value!.GetValueKind());
    }

    private static IEnumerable<(PropertyInfo Property, JsonNode? Value)> Properties(Type type, JsonObject stored)
    {
        foreach ((string name, JsonNode? value) in stored)
        {
            if (type.GetProperty(name) is not { } property) continue;
            yield return (property, value);
            if (value is JsonObject group)
                foreach ((PropertyInfo, JsonNode?) inner in Properties(property.PropertyType, group)) yield return inner;
        }
    }
}
