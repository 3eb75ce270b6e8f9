namespace MoCo.Data;

/// <summary>A share of the images of every class.</summary>
internal static class StratifiedSample
{
    /// <summary>Splits off a share of every class of two or more images.</summary>
    internal static (int[] Kept, int[] HeldOut) Split(IReadOnlyList<int> labels, double share, long seed)
    {
        int[] heldOut = Choose(labels, share, seed, kept: 1);
        HashSet<int> held = [.. heldOut];
        return ([.. Enumerable.Range(0, labels.Count).Where(index => labels[index] >= 0 && !held.Contains(index))], heldOut);
    }

    /// <summary>Chooses the same share of every class, at least one image, and leaves at least <paramref name="kept"/>.</summary>
    internal static int[] Choose(IReadOnlyList<int> labels, double share, long seed, int kept = 0)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (!(share is > 0 and <= 1)) throw OutOfRange.Of(share, "Expected above 0 to 1.");
        List<int> chosen = [];
        IEnumerable<int> labelled = Enumerable.Range(0, labels.Count).Where(index => labels[index] >= 0);
        foreach (IGrouping<int, int> group in labelled.GroupBy(index => labels[index]))
        {
            int[] members = [.. group];
            SampleRandom random = new(seed, 0, group.Key, view: 1);
            int count = Math.Min(Math.Max(1, (int)Math.Round(share * members.Length)), members.Length - kept);
            for (int i = 0; i < count; i++)
            {
                int other = i + random.NextInt32(members.Length - i);
                (members[i], members[other]) = (members[other], members[i]);
            }
            chosen.AddRange(members.AsSpan(0, Math.Max(0, count)));
        }
        chosen.Sort();
        return [.. chosen];
    }
}
