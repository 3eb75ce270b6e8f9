using System.CommandLine;
using System.Text.RegularExpressions;
using Samples.CommandLine;

namespace MoCo.Tests.Samples;

/// <summary>The flags that messages name: what cannot be typed helps nobody.</summary>
public class FlagNamesTests
{
    [Fact]
    public void A_program_s_own_texts_name_its_own_flags_and_shared_ones_those_of_some_program()
    {
        Dictionary<string, HashSet<string>> flags = Programs.Commands.ToDictionary(
            entry => entry.Key, entry => entry.Value.SelectMany(command => Flags(entry.Key, command)).ToHashSet());
        Assert.All(flags.Values, found => Assert.True(found.Count > 3));
        foreach ((string program, HashSet<string> own) in flags) Assert.Empty(Named(program).Except(own));
        Assert.Empty(Named("Shared").Except(flags.Values.SelectMany(own => own)));
    }

    [Fact]
    public void A_flag_that_a_command_lacks_says_whose_it_is()
    {
        RootCommand root = new() { new Option<int>("--out"), new Command("one") { new Option<int>("--size") }, new Command("two") };
        const string Message = "'--out' or --size (--init) in /a--size/b --size";
        Assert.Equal("'--out' or one's --size (--init) in /a--size/b one's --size", OwnFlags.In(Message, root, ""));
        Assert.Equal(
            "'other's --out' or --size (other's --init) in /a--size/b --size", OwnFlags.In(Message, root.Subcommands[0], "other"));
    }

    private static IEnumerable<string> Flags(string program, string command) => Regex.Matches(
        Programs.Call(program, 0, command.Length == 0 ? ["--help"] : [command, "--help"]), @"^ +((?:-\S+, )*--[a-z-]+)",
        RegexOptions.Multiline).SelectMany(match => match.Groups[1].Value.Split(", ")).Append("--help");

    /// <summary>The flags in a program's texts.</summary>
    private static IEnumerable<string> Named(string program) =>
        Directory.GetFiles(Repository.File("samples", program), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(File.ReadAllLines).Select(line => line.Split("///")[0].Split("// ")[0])
            .SelectMany(line => Regex.Matches(line, @"(?<![\w$-])--[a-z][a-z-]*[a-z]\b").Select(match => match.Value)).Distinct();
}
