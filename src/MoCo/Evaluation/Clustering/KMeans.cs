namespace MoCo.Evaluation.Clustering;

/// <summary>k-means of features brought to unit length (Lloyd's iterations from k-means++ seeds, Arthur and Vassilvitskii 2007): clusters
/// of an encoder that has no cluster head, to compare with one that has.</summary>
internal static class KMeans
{
    /// <summary>See <see cref="Features.FeatureSet.Cluster"/>; rows of any floating type and device.</summary>
    public static (IReadOnlyList<int> Clusters, double Inertia) Cluster(Tensor features, int clusters, int restarts = 5,
        int iterations = 100, long seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        foreach (int number in (ReadOnlySpan<int>)[clusters, restarts, iterations]) ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor rows = UnitRows.Of(features, nameof(features), allowZero: false).to(ScalarType.Float32); // N×D
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clusters, rows.shape[0]);
        int folded = (int)seed;
        Random random = new(folded == seed ? folded : folded ^ (int)(seed >> 32));
        (int[] Clusters, double Inertia) best = ([], double.PositiveInfinity);
        for (int restart = 0; restart < restarts; restart++)
        {
            using DisposeScope inner = NewDisposeScope();
            (int[] Clusters, double Inertia) found = Iterate(rows, Seeds(rows, clusters, random), iterations, cancellationToken);
            if (found.Inertia < best.Inertia) best = found;
        }
        return best;
    }

    /// <summary>k-means++: each further center is a row drawn by its squared distance to the nearest one so far.</summary>
    private static Tensor Seeds(Tensor rows, int clusters, Random random)
    {
        List<long> chosen = [random.NextInt64(rows.shape[0])];
        float[]? least = null;
        while (chosen.Count < clusters)
        {
            using DisposeScope scope = NewDisposeScope();
            float[] distances = Distances(rows, rows.narrow(0, chosen[^1], 1)).cpu().data<float>().ToArray();
            least = least is null ? distances : [.. least.Zip(distances, Math.Min)];
            double drawn = random.NextDouble() * least.Sum(distance => (double)distance);
            int row = 0;
            while (row < least.Length - 1 && (drawn -= least[row]) > 0) row++;
            chosen.Add(row);
        }
        return rows.index_select(0, tensor([.. chosen], device: rows.device)); // k×D
    }

    private static (int[] Clusters, double Inertia) Iterate(Tensor rows, Tensor centers, int iterations, CancellationToken stop)
    {
        long[] before = [];
        double inertia = 0;
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            (Tensor least, Tensor nearest) = Distances(rows, centers).min(1); // N
            (long[] clusters, inertia) = (nearest.cpu().data<long>().ToArray(), least.mean().cpu().item<float>());
            if (clusters.AsSpan().SequenceEqual(before)) break;
            before = clusters;
            Tensor counts = nearest.bincount(null, minlength: centers.shape[0]).to(rows.dtype).unsqueeze(1); // k×1
            Tensor means = zeros_like(centers).index_add_(0, nearest, rows, One).div_(counts.clamp_min(One));
            // A center that no row is near to begins anew at the row that is worst off.
            Tensor farthest = rows.index_select(0, least.argmax().unsqueeze(0)); // 1×D
            centers.copy_(where(counts.eq(zeros_like(counts)), farthest, means));
        }
        return ([.. before.Select(cluster => (int)cluster)], inertia);
    }

    /// <summary>Squared distances, N×k.</summary>
    private static Tensor Distances(Tensor rows, Tensor centers)
    {
        using Scalar minusTwo = (-2f).ToScalar(), zero = 0f.ToScalar();
        Tensor lengths = rows.mul(rows).sum(1, keepdim: true), others = centers.mul(centers).sum(1); // N×1, k
        return rows.matmul(centers.t()).mul_(minusTwo).add_(lengths, One).add_(others, One).clamp_min_(zero);
    }
}
