namespace Pretrain.Plans;

/// <summary>One thing that can be set, by a flag of the command line or by a key of the options file.</summary>
/// <param name="Option">The flag; its value is the change that it makes to a plan.</param>
/// <param name="Read">The value as text; null: none.</param>
internal sealed record Setting(Option<Func<Plan, Plan>> Option, Func<Plan, string?> Read)
{
    /// <summary>The key.</summary>
    public string Name => Option.Name[2..];

    /// <summary>The property of the options that stands behind it, if one does.</summary>
    public string? Property { get; init; }

    /// <summary>The words that the value can be; empty: it can be others.</summary>
    public IReadOnlyCollection<string> Words { get; init; } = [];

    /// <summary>What stands between several values.</summary>
    public char Separator { get; init; }

    /// <summary>Whether a checkpoint is bound to it, by its tensors' shapes or by the meaning of its position.</summary>
    public bool IsLasting { get; init; }

    /// <summary>Whether it is chosen for a machine's processors, so that another machine chooses anew.</summary>
    public bool IsOfProcessors { get; init; }

    public bool IsIn(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false };

    /// <exception cref="UsageException">The plan has no place for it.</exception>
    public Plan Apply(Plan plan, ParseResult parsed)
    {
        try
        {
            return parsed.GetRequiredValue(Option)(plan);
        }
        catch (FormatException error)
        {
            throw new UsageException($"{Option.Name} is '{parsed.GetResult(Option)!.Tokens[^1].Value}'; expected {error.Message}.");
        }
    }
}
