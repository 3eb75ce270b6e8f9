using MoCo.Contrast.Losses;

namespace MoCo.Contrast;

/// <summary>Multi-crop (Caron et al. 2020, section 3.2) for methods with a key: an image's n small views are queries beside the large one,
/// all with the same positive and the same negatives, and the loss of a key is the mean over its 1 + n queries, each with the same
/// weight. No small view makes a key.</summary>
internal static class MultiCrop
{
    /// <summary>The small views' embeddings, of one pass of their own, so that BatchNorm sees views of one size, as in SwAV's
    /// code. Unlike there its running statistics stay those of the large views, as whose like images are evaluated. The pass comes after
    /// the large views': who watches a step's features takes the first.</summary>
    /// <param name="input">The step.</param>
    /// <param name="statistics">What the pass is to leave as it is: the query encoder's buffers, in flat tensors.</param>
    /// <param name="embed">Images → embeddings.</param>
    /// <returns>(n·N)×dim, all images' first small views first; null where there are none.</returns>
    public static Tensor? Embed(StepInput input, Tensor[] statistics, Func<Tensor, Tensor> embed)
    {
        if (input.SmallViews.Count == 0) return null;
        using Tensor together = cat([.. input.SmallViews], 0);
        Tensor[] before = [.. statistics.Select(buffer => buffer.clone())];
        Tensor made = embed(together);
        // Backward does not read them, so they need not wait for it. Autograd, which checks that nobody has changed the buffers, does not
        // know of the flat tensors that they are parts of.
        using IDisposable constant = no_grad();
        foreach ((Tensor buffer, Tensor start) in statistics.Zip(before))
            using (start) buffer.copy_(start);
        return made;
    }

    /// <summary>The mean over the queries of a key, with the large query's measures.</summary>
    /// <param name="large">The large query's loss.</param>
    /// <param name="small">The mean loss of the small ones.</param>
    /// <param name="views">n.</param>
    public static ContrastiveLoss Mean(ContrastiveLoss large, ContrastiveLoss small, int views)
    {
        using Scalar one = (1.0 / (1 + views)).ToScalar(), rest = ((double)views / (1 + views)).ToScalar();
        return new ContrastiveLoss(large.Loss.mul(one).add(small.Loss.mul(rest), One), large.Accuracy, large.PositiveSimilarity,
            large.NegativeSimilarity, large.Spread);
    }
}
