namespace MoCo.Evaluation;

/// <summary>The place of a label in the order of scores.</summary>
internal static class Ranking
{
    /// <summary>How many classes come before a label: those of higher scores, and of equal scores those of lower number.</summary>
    /// <param name="scores">A score for each class at <paramref name="first"/>, first + step, first + 2·step, …</param>
    /// <param name="label">The label.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="first">Where class 0 stands.</param>
    /// <param name="step">How far apart the classes stand.</param>
    /// <returns>0 for the first. A score that is not finite puts a label behind all others: no broken classifier is right.</returns>
    internal static int Of(ReadOnlySpan<float> scores, int label, int classes, int first = 0, int step = 1)
    {
        float own = scores[first + (label * step)];
        if (!float.IsFinite(own)) return classes;
        int rank = 0;
        for (int other = 0; other < classes; other++)
        {
            float score = scores[first + (other * step)];
            if (other < label ? !(score < own) : other > label && !(score <= own)) rank++;
        }
        return rank;
    }

    /// <summary>The class of the highest score, of equal ones the lowest number.</summary>
    internal static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int other = 1; other < scores.Length; other++)
        {
            if (scores[other] > scores[best]) best = other;
        }
        return best;
    }
}
