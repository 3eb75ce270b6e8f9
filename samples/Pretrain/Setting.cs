namespace Pretrain;

/// <summary>One thing that can be set, by a flag of the command line or a key of the options file.</summary>
/// <param name="Name">The key; the flag is the same with two dashes.</param>
/// <param name="Value">What a value looks like in the help.</param>
/// <param name="Help">What it does, in a line.</param>
/// <param name="Read">The value as text; null: none.</param>
/// <param name="Write">Takes a value.</param>
internal sealed record Setting(string Name, string Value, string Help, Func<Plan, string?> Read, Func<Plan, string, Plan> Write)
{
    public string Flag => "--" + Name;

    /// <summary>The property of the options that stands behind it, if one does.</summary>
    public string? Property { get; init; }

    /// <summary>Whether a checkpoint is bound to it, by its tensors' shapes or by the meaning of its position.</summary>
    public bool IsLasting { get; init; }

    /// <summary>A flag that may stand alone, which means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Takes a value and remembers that it was given.</summary>
    /// <exception cref="UsageException">The value is not one; the message names the flag.</exception>
    public Plan Apply(Plan plan, string text)
    {
        try
        {
            Plan changed = Write(plan, text);
            return changed with { Given = changed.Given.Add(Name) };
        }
        catch (FormatException error)
        {
            throw new UsageException($"{Flag} is '{text}'; expected {error.Message}.");
        }
    }
}
