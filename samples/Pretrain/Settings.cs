using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MoCo;

namespace Pretrain;

/// <summary>Everything that can be set: one table for the command line, the options file, the help and the check of a resumed run.</summary>
internal static partial class Settings
{
    /// <summary>In the order of the help, and of being applied.</summary>
    public static ImmutableArray<SettingGroup> Groups { get; } =
    [
        new("Data", Data), new("Views", Views), new("Encoder and method", Method), new("Training", Training), new("Machine", Machine), new("Saving and watching", Watching),
    ];

    public static ImmutableArray<Setting> All { get; } = [.. Groups.SelectMany(group => group.Settings)];

    /// <summary>A message about options with the flags in the properties' places.</summary>
    public static string InFlags(string message)
    {
        foreach (Setting setting in All)
            if (setting.Property is { } property && property != "Schedule") message = Regex.Replace(message, $@"(?<![\w.-]){property}\b", setting.Flag);
        return message;
    }

    private static Setting Option(string property, string name, string value, string help, Func<MoCoOptions, string?> read, Func<MoCoOptions, string, MoCoOptions> write, bool lasting = false, bool isSwitch = false) =>
        new(name, value, help, plan => read(plan.Options), (plan, text) => plan with { Options = write(plan.Options, text) }) { Property = property, IsLasting = lasting, IsSwitch = isSwitch };
}
