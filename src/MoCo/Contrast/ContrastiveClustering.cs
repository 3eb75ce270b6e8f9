using MoCo.Contrast.Losses;
using MoCo.Distributed;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>Contrastive Clustering (Li et al. 2021): an instance head and a cluster head on one backbone. The rows of the soft assignments
/// are images, the columns are clusters: NT-Xent over rows of embeddings, NT-Xent over columns of assignments, and an entropy term against
/// the solution that puts all images into one cluster; summed without weights.</summary>
internal sealed class ContrastiveClustering : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly nn.Module<Tensor, Tensor> cluster_head;
    private readonly double temperature, clusterTemperature;
    private readonly int batchSize, clusters;

    /// <summary>Joins an encoder, whose head is the instance head, and a cluster head; the method owns them.</summary>
    /// <param name="query">Backbone and instance head, on the device to train on.</param>
    /// <param name="clusterHead">Features → logits of the clusters; softmax is taken here.</param>
    /// <param name="clusters">M, the cluster head's outputs, at least 2.</param>
    /// <param name="batchSize">Images in a batch, at least 2: what <see cref="ChanceLoss"/> is computed from.</param>
    /// <param name="temperature">τ over rows, above 0; 0.5 in the paper.</param>
    /// <param name="clusterTemperature">τ over columns, above 0; 1.0 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    internal ContrastiveClustering(
        Encoder query, nn.Module<Tensor, Tensor> clusterHead, int clusters, int batchSize, double temperature = 0.5,
        double clusterTemperature = 1.0)
        : base(nameof(ContrastiveClustering))
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(clusterHead);
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 2);
        foreach (double value in (ReadOnlySpan<double>)[temperature, clusterTemperature])
            if (!(value > 0 && double.IsFinite(value)))
                throw OutOfRange.Of(value, "expected a finite number above 0.", nameof(temperature));
        (encoder_q, cluster_head, this.clusters, this.batchSize) = (query, clusterHead, clusters, batchSize);
        (this.temperature, this.clusterTemperature) = (temperature, clusterTemperature);
        RegisterComponents();
    }

    public override Encoder QueryEncoder => encoder_q;

    /// <summary>Backbone and both heads.</summary>
    public override nn.Module Trainable => this;

    public override bool TrainsAcrossRanks => true;

    /// <summary>ln(2N − 1) of the rows and ln(2M − 1) of the columns; the entropy term is 0 where clusters are of one size.</summary>
    public override double ChanceLoss => Math.Log(2.0 * batchSize - 1) + Math.Log(2.0 * clusters - 1);

    public override ContrastiveLoss Forward(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        (Tensor z1, Tensor c1) = Embed(input.Query, input.Group);
        (Tensor z2, Tensor c2) = Embed(input.Key, input.Group);
        input.Show(z1, z2);
        ContrastiveLoss rows = InBatchContrast.NtXent(z1, z2, temperature);
        ContrastiveLoss columns = InBatchContrast.NtXent(Unit(c1.t()), Unit(c2.t()), clusterTemperature);
        Tensor loss = rows.Loss.add(columns.Loss, One).add(Concentration(c1), One).add(Concentration(c2), One);
        return new ContrastiveLoss(loss, rows.Accuracy, rows.PositiveSimilarity, rows.NegativeSimilarity, rows.Spread)
            .MoveToOuterDisposeScope();
    }

    public override IReadOnlyList<int> PredictClusters(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor assigned = cluster_head.call(encoder_q.features(images)).argmax(1).cpu();
        return [.. assigned.data<long>().ToArray().Select(cluster => (int)cluster)];
    }

    /// <summary>Of the whole batch, whose loss every rank computes.</summary>
    private (Tensor Embedding, Tensor Assignment) Embed(Tensor x, ProcessGroup group)
    {
        Tensor features = encoder_q.features(x);
        return (Unit(WholeBatch.Project(group, encoder_q.Head, features)),
            nn.functional.softmax(WholeBatch.Project(group, cluster_head, features), 1));
    }

    /// <summary>log M + Σ pⱼ·log pⱼ of the mean assignment p: 0 where clusters are of one size, log M where all is in one.</summary>
    private Tensor Concentration(Tensor assignment)
    {
        using Scalar most = Math.Log(clusters).ToScalar();
        Tensor mass = assignment.mean([0L]);
        return mass.xlogy(mass).sum().add(most, One);
    }

    private static Tensor Unit(Tensor x) => nn.functional.normalize(x, dim: 1);
}
