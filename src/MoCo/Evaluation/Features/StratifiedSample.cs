using MoCo.Data;

namespace MoCo.Evaluation.Features;

/// <summary>A share of the images of every class.</summary>
internal static class StratifiedSample
{
    /// <summary>Chooses the same share of every class, the 1 % or 10 % of labels of few-shot learning for example.</summary>
    /// <param name="labels">The class of each image; negative ones are never chosen.</param>
    /// <param name="share">Above 0 to 1.</param>
    /// <param name="seed">Which images: another seed, others.</param>
    /// <returns>The numbers of the chosen images, ascending: of n images of a class share·n, rounded, at least 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A share outside its range.</exception>
    internal static int[] Choose(IReadOnlyList<int> labels, double share, long seed = 0) => Choose(labels, share, seed, kept: 0);

    /// <summary>Splits off a share of every class of two or more images.</summary>
    internal static (int[] Kept, int[] HeldOut) Split(IReadOnlyList<int> labels, double share, long seed)
    {
        int[] heldOut = Choose(labels, share, seed, kept: 1);
        HashSet<int> held = [.. heldOut];
        return ([.. Enumerable.Range(0, labels.Count).Where(index => labels[index] >= 0 && !held.Contains(index))], heldOut);
    }

    private static int[] Choose(IReadOnlyList<int> labels, double share, long seed, int kept)
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
