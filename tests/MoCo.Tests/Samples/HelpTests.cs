using System.Text.RegularExpressions;

namespace MoCo.Tests.Samples;

/// <summary>What <c>--help</c> prints of every command of every program.</summary>
public class HelpTests
{
    public static TheoryData<string, string> All =>
        new(Programs.Commands.SelectMany(program => program.Value.Select(command => (program.Key, command))));

    [Theory]
    [InlineData("Pretrain")]
    [InlineData("Quickstart")]
    [InlineData("MakeShards")]
    [InlineData("ShowViews")]
    [InlineData("Evaluate")]
    [InlineData("Lab")]
    [InlineData("Loggers")]
    [InlineData("Runs")]
    [InlineData("Search")]
    public void Each_program_starts_out_of_its_own_folder(string program) =>
        Assert.Contains("\n  --", Programs.Start(program, 0, "--help"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(All))]
    public void Defaults_are_told_in_words_that_the_flags_take(string program, string command)
    {
        string[] words = command.Length == 0 ? [] : [command];
        string page = Programs.Call(program, 0, [.. words, "--help"]);
        List<string> line = [.. words];
        // What has to be given, which is not there.
        Match usage = Regex.Match(page, $@"^  {program.ToLowerInvariant()} {command} ?(.*) \[flags\]$", RegexOptions.Multiline);
        if (usage.Success)
            line.AddRange(Regex.Replace(usage.Groups[1].Value, @"\[[^\]]+\]", "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        line.AddRange(program == "Lab" ? ["--data", "nowhere"] : program is "Quickstart" or "Runs" ? ["nowhere"] : []);
        int given = line.Count;
        foreach (Match flag in Regex.Matches(page, @"^  (--[a-z0-9-]+)(.*(?:\n {34}.*)*)", RegexOptions.Multiline))
        {
            string text = Regex.Replace(flag.Groups[2].Value, @"\s+", " ").TrimEnd();
            Match told = Regex.Match(text, @"default: ([^\s;)\]]+)(?:[;)\]]|$)|\[(?!default|v\d )([^\s;\]]+)(?:;[^\]]*)?\]$");
            if (told.Success && !line.Contains(flag.Groups[1].Value))
                line.AddRange([flag.Groups[1].Value, told.Groups[1].Success ? told.Groups[1].Value : told.Groups[2].Value]);
            Assert.DoesNotMatch(@"default: [A-Z(]", text.Replace("default: Fashion-MNIST", "", StringComparison.Ordinal));
        }
        Assert.True(line.Count > given);

        string said = Programs.Call(program, 2, [.. line]);

        Assert.DoesNotContain("--help says what can be given", said, StringComparison.Ordinal);
    }
}
