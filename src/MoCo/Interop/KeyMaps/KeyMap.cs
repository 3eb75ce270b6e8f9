namespace MoCo.Interop.KeyMaps;

/// <summary>
/// A file's names, understood: the layout, what its names begin with in all places (<c>state_dict.module.</c>), and the
/// rules that turn the rest into an encoder's names. The first rule that fits counts.
/// </summary>
internal sealed record KeyMap(WeightLayout Layout, string Root, IReadOnlyList<KeyRule> Rules)
{
    private static readonly string[] Containers = ["", "state_dict.", "model.", "model_state_dict.", "state_dict.model."];
    private static readonly string[] Wrappers = ["", "module."];

    /// <summary>Finds out whose names these are, or null. DistributedDataParallel's <c>module.</c> and the usual dictionaries around are seen through.</summary>
    public static KeyMap? Recognise(IReadOnlyCollection<string> names)
    {
        foreach (string root in Containers.SelectMany(container => Wrappers.Select(wrapper => container + wrapper)))
        {
            HashSet<string> bare = [.. names.Where(name => name.StartsWith(root, StringComparison.Ordinal)).Select(name => name[root.Length..])];
            if (bare.Count > 0 && Layouts.Recognise(bare) is (WeightLayout layout, IReadOnlyList<KeyRule> rules)) return new KeyMap(layout, root, rules);
        }
        return null;
    }

    /// <summary>A name's place, or null where no rule speaks of it.</summary>
    public (KeyPart Part, string Name)? Place(string name)
    {
        if (!name.StartsWith(Root, StringComparison.Ordinal)) return null;
        string bare = name[Root.Length..];
        KeyRule? rule = Rules.FirstOrDefault(rule => bare.StartsWith(rule.Prefix, StringComparison.Ordinal));
        return rule is null ? null : (rule.Part, rule.Replacement + bare[rule.Prefix.Length..]);
    }
}
