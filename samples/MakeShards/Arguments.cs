using System.CommandLine;
using System.CommandLine.Parsing;
using MoCo.Data;

namespace MakeShards;

/// <summary>The command line.</summary>
internal static class Arguments
{
    private const int MostMegabytes = 1 << 20;
    private const string Forbidden = @"/\*?{},";

    /// <summary>Parses and, where the command line is right, does the work.</summary>
    /// <returns>What the work returns; 2 for a wrong command line.</returns>
    public static int Run(string[] args, Func<Request, int> work)
    {
        Argument<string> folder = new("folder") { Description = "images, in class folders or directly" };
        Argument<string> output = new("out") { Description = "folder for the shards; made if missing, nothing in it is overwritten" };
        Option<string> prefix = new("--prefix") { Description = "what the shards' names begin with", DefaultValueFactory = _ => "shard" };
        Option<int> size = Whole("--shard-size", "images in a shard, at most", 10_000, 10_000_000);
        Option<int> megabytes = Whole("--megabytes", "size of a shard, at most, in units of 1,000,000 bytes", 1_000, MostMegabytes);
        Option<long> seed = new("--seed") { Description = "seed of the order", DefaultValueFactory = _ => 0 };
        Option<bool> ordered = new("--ordered") { Description = "keep the folder's order; else images are mixed, so that every shard holds every kind" };
        Option<bool> flat = new("--no-labels") { Description = "take all images at any depth, without labels" };
        prefix.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (token.Value.Length == 0 || token.Value.Any(Forbidden.Contains) || token.Value[0] == '.'))
                result.AddError($"--prefix is '{token.Value}'; expected the beginning of a file's name, without / \\ * ? {{ }} or a comma.");
        });
        folder.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Directory.Exists(token.Value)) result.AddError($"'{token.Value}' can't be used; expected a folder that exists.");
        });

        var command = new RootCommand("Packs a folder of images into tar files in WebDataset's layout.") { folder, output, prefix, size, megabytes, seed, ordered, flat };
        command.SetAction(parsed => work(new Request(
            parsed.GetValue(folder)!, parsed.GetValue(output)!, parsed.GetValue(prefix)!, parsed.GetValue(size), parsed.GetValue(megabytes) * 1_000_000L,
            !parsed.GetValue(ordered), parsed.GetValue(seed), parsed.GetValue(flat) ? ImageFolderLabels.None : ImageFolderLabels.Auto)));
        ParseResult parsed = command.Parse(args);
        // Stopping is this program's own affair: the library's would end it in the middle of a shard.
        if (parsed.Errors.Count == 0) return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        foreach (ParseError error in parsed.Errors) Console.Error.WriteLine($"makeshards: {error.Message}");
        Console.Error.WriteLine("\n--help says what can be given.");
        return 2;
    }

    private static Option<int> Whole(string name, string description, int otherwise, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out int value) && value >= 1 && value <= most))
                result.AddError($"{name} is '{token.Value}'; expected a whole number from 1 to {most}.");
        });
        return option;
    }
}
