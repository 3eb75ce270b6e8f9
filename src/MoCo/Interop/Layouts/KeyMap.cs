namespace MoCo.Interop.Layouts;

/// <summary>A file's names, understood: the layout, what its names begin with in all places (<c>state_dict.module.</c>), and the rules that
/// turn the rest into an encoder's names. The first rule that fits counts.</summary>
internal sealed record KeyMap(WeightLayout Layout, string Root, IReadOnlyList<KeyRule> Rules)
{
    private static readonly string[] Containers = ["", "state_dict.", "model.", "model_state_dict.", "state_dict.model."];
    private static readonly string[] Wrappers = ["", "module."];

    /// <summary>Finds out whose names these are, or null. DistributedDataParallel's <c>module.</c> and the usual dictionaries around are
    /// seen through.</summary>
    public static KeyMap? Recognise(IReadOnlyCollection<string> names)
    {
        foreach (string root in Containers.SelectMany(container => Wrappers.Select(wrapper => container + wrapper)))
        {
            IEnumerable<string> rooted = names.Where(name => name.StartsWith(root, StringComparison.Ordinal));
            HashSet<string> bare = [.. rooted.Select(name => name[root.Length..])];
            if (bare.Count > 0 && KnownLayouts.Recognise(bare) is (WeightLayout layout, IReadOnlyList<KeyRule> rules))
                return new KeyMap(layout, root, rules);
        }
        return null;
    }

    /// <summary>The part that a tensor belongs to, and its name there: an encoder's, or its own.</summary>
    public (KeyPart Part, string Name) Place(string name)
    {
        if (!name.StartsWith(Root, StringComparison.Ordinal)) return (KeyPart.Unused, name);
        string bare = name[Root.Length..];
        KeyRule? rule = Rules.FirstOrDefault(rule => bare.StartsWith(rule.Prefix, StringComparison.Ordinal));
        return rule?.Part is KeyPart.Query or KeyPart.Key
            ? (rule.Part, rule.Replacement + bare[rule.Prefix.Length..])
            : (rule?.Part ?? KeyPart.Unused, name);
    }
}

/// <summary>Where the tensors go whose names begin with <paramref name="Prefix"/>.</summary>
/// <param name="Prefix">How their names begin, or a whole name.</param>
/// <param name="Part">The part of the method that they belong to.</param>
/// <param name="Replacement">What takes the prefix's place: <c>backbone.</c>, <c>head.layers.0.</c></param>
internal sealed record KeyRule(string Prefix, KeyPart Part, string Replacement = "");

/// <summary>What a tensor of a file belongs to.</summary>
internal enum KeyPart
{
    Query,
    Key,
    Queue,
    QueuePointer,
    Unused,
}
