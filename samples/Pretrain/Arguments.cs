using System.CommandLine;
using System.CommandLine.Parsing;

namespace Pretrain;

/// <summary>The command line.</summary>
internal static class Arguments
{
    /// <summary>Reads the command line.</summary>
    /// <returns>Null where only help was asked for, which is printed.</returns>
    /// <exception cref="UsageException">A flag is unknown, lacks its value, or has one that is none.</exception>
    public static Request? Read(string[] args)
    {
        if (args.Any(arg => arg is "-h" or "--help" or "-?"))
        {
            Console.WriteLine(HelpText.All());
            return null;
        }
        Option<string> preset = new("--preset"), file = new("--options"), output = new("--out"), resume = new("--resume") { Arity = ArgumentArity.ZeroOrOne };
        Option<bool> plain = new("--plain");
        (Setting Setting, Option<string> Option)[] flags =
        [
            .. Settings.All.Select(setting => (setting, new Option<string>(setting.Flag) { Arity = setting.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne })),
        ];
        var command = new RootCommand { preset, file, output, resume, plain };
        foreach ((Setting _, Option<string> option) in flags) command.Add(option);

        ParseResult parsed = command.Parse(args);
        if (parsed.Errors is [var error, ..]) throw new UsageException(error.Message);
        if (parsed.GetValue(output) is not { Length: > 0 } folder) throw new UsageException("--out is missing; expected the folder that the run is to be kept in.");

        IReadOnlyDictionary<string, string> read = parsed.GetValue(file) is { } path ? SettingsFile.Read(path) : new Dictionary<string, string>();
        string? named = parsed.GetValue(preset) ?? read.GetValueOrDefault(SettingsFile.PresetKey);
        Plan plan = SettingsFile.Apply(Plan.For(named ?? new Plan().Preset), parsed.GetValue(file) ?? "", read);
        // A file counts like the flags that it stands for; flags win.
        Dictionary<string, string> given = read.Where(entry => entry.Key != SettingsFile.PresetKey).ToDictionary(StringComparer.Ordinal);
        foreach ((Setting setting, Option<string> option) in flags)
        {
            if (parsed.GetResult(option) is not { Implicit: false } result) continue;
            string value = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "true";
            plan = setting.Apply(plan, value);
            given[setting.Name] = value;
        }
        string? taken = parsed.GetResult(resume) is { Implicit: false } from ? (from.Tokens.Count > 0 ? from.Tokens[0].Value : Request.Automatic) : null;
        return new Request(plan, folder, taken, parsed.GetValue(plain))
        {
            Flags = [.. Settings.All.Where(setting => given.ContainsKey(setting.Name)).Select(setting => (setting, given[setting.Name]))],
            Preset = named,
        };
    }
}
