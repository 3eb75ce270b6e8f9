using MoCo.Evaluation.Clustering;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Search;
using MoCo.Tensors.Safetensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Search;

public sealed class SimilarityIndexTests
{
    [Fact]
    public void The_hits_equal_a_naive_search_over_many_blocks()
    {
        using FeatureSet bank = Scattered.Set(5000, 6, classes: 9, seed: 1);
        using FeatureSet queries = Scattered.Set(30, 6, classes: 9, seed: 2);
        using SimilarityIndex index = new(bank.Features, Enumerable.Range(0, 5000).Select(i => $"image {i}"));

        IReadOnlyList<IReadOnlyList<(int Index, string Name, float Similarity)>> hits = index.Search(queries.Features, 12);

        double[][] rows = Rows(bank.Features);
        foreach ((double[]? query, IReadOnlyList<(int Index, string Name, float Similarity)>? found) in Rows(queries.Features).Zip(hits))
        {
            (double Similarity, int Index)[] expected = rows.Select((row, i) => (Similarity: Cosine(query, row), Index: i))
                .OrderByDescending(pair => pair.Similarity).Take(12).ToArray();
            Assert.Equal(expected.Select(pair => pair.Index), found.Select(hit => hit.Index));
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Similarity, pair.Second.Similarity, 1e-5));
            Assert.All(found, hit => Assert.Equal($"image {hit.Index}", hit.Name));
        }
        using Tensor one = queries.Features.select(0, 7);
        IReadOnlyList<(int Index, string Name, float Similarity)> alone = index.Search(one, 12).Single();
        Assert.Equal(hits[7].Select(hit => hit.Index), alone.Select(hit => hit.Index));
        // one row is another kernel's work
        Assert.All(hits[7].Zip(alone), pair => Assert.Equal(pair.First.Similarity, pair.Second.Similarity, 1e-6));
    }

    [Fact]
    public void The_length_of_vectors_does_not_matter_and_zeros_are_like_nothing()
    {
        using SimilarityIndex index = new(
            tensor(new float[,] { { 1, 0 }, { 1e-20f, 1e-20f }, { 0, 1e18f }, { 0, 0 } }), ["right", "both", "up", "nothing"]);

        IReadOnlyList<(int Index, string Name, float Similarity)> hits = index.Search(tensor(new float[] { 0, 1e-3f }), 4).Single();

        Assert.Equal(["up", "both", "right", "nothing"], hits.Select(hit => hit.Name));
        Assert.Equal([1, 0.70710677f, 0, 0], hits.Select(hit => hit.Similarity));
    }

    [Fact]
    public void Near_duplicates_equal_a_naive_search_each_pair_once_the_nearest_first()
    {
        using FeatureSet set = Scattered.Set(1500, 4, classes: 9, seed: 1);
        using SimilarityIndex index = new(set.Features, Enumerable.Range(0, 1500).Select(i => $"{i}"));

        (IReadOnlyList<(int First, int Second, float Similarity)> Pairs, long Found) found = index.FindNearDuplicates(0.995);

        using Tensor wide = nn.functional.normalize(set.Features.to(ScalarType.Float64), dim: 1);
        using Tensor all = wide.matmul(wide.t());
        double[] similarities = all.data<double>().ToArray();
        IEnumerable<(int first, int second)> expected = from first in Enumerable.Range(0, 1500)
                                                        from second in Enumerable.Range(first + 1, 1499 - first)
                                                        where similarities[(first * 1500) + second] >= 0.995
                                                        select (first, second);
        Assert.Equal(expected.Count(), found.Found);
        Assert.InRange(found.Found, 100, 10_000);
        Assert.Equal(expected, found.Pairs.Select(pair => (pair.First, pair.Second)).Order());
        Assert.Equal(found.Pairs.OrderByDescending(pair => pair.Similarity)
            .Select(pair => pair.Similarity), found.Pairs.Select(pair => pair.Similarity));
        (IReadOnlyList<(int First, int Second, float Similarity)> Pairs, long Found) few = index.FindNearDuplicates(0.995, most: 10);
        Assert.Equal(found.Found, few.Found);
        Assert.Equal(found.Pairs.Take(10), few.Pairs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Where_no_two_are_alike_no_pair_is_found(int count)
    {
        using SimilarityIndex index = new(eye(count), Enumerable.Range(0, count).Select(i => $"{i}"));

        (IReadOnlyList<(int First, int Second, float Similarity)> pairs, long found) = index.FindNearDuplicates(0.9);

        Assert.Equal((0, 0L), (pairs.Count, found));
    }

    [Fact]
    public void What_is_redundant_equals_a_naive_search_and_has_a_likeness_among_what_is_kept()
    {
        const int Count = 1500;
        using FeatureSet set = Scattered.Set(Count, 4, classes: 9, seed: 1);
        using SimilarityIndex index = new(set.Features, Enumerable.Range(0, Count).Select(i => $"{i}"));
        using Tensor wide = nn.functional.normalize(set.Features.to(ScalarType.Float64), dim: 1);
        using Tensor all = wide.matmul(wide.t());
        double[] similarities = all.data<double>().ToArray();
        List<int> kept = [];
        List<(int, int)> expected = [];
        for (int i = 0; i < Count; i++)
        {
            int nearest = kept.Count == 0 ? -1 : kept.MaxBy(before => similarities[(i * Count) + before]);
            if (nearest >= 0 && similarities[(i * Count) + nearest] >= 0.99) expected.Add((i, nearest));
            else kept.Add(i);
        }

        IReadOnlyList<(int Index, int Kept, float Similarity)> found = index.FindRedundant(0.99);

        Assert.Equal(expected, found.Select(entry => (entry.Index, entry.Kept)));
        Assert.All(found, entry => Assert.Equal(similarities[(entry.Index * Count) + entry.Kept], entry.Similarity, 1e-5));
        Assert.InRange(found.Count, 300, 1400);
        Assert.Contains(found, entry => entry.Index / 1024 == entry.Kept / 1024);
        Assert.Contains(found, entry => entry.Index / 1024 > entry.Kept / 1024);
        // A chain: the third is like the second, which is not there any more.
        using SimilarityIndex chain = new(tensor(new float[,] { { 1, 0 }, { 1, 1 }, { 0, 1 } }), ["a", "b", "c"]);
        Assert.Equal([(1, 0)], chain.FindRedundant(0.7).Select(entry => (entry.Index, entry.Kept)));
    }

    [Fact]
    public void Outliers_equal_a_naive_search_also_where_images_are_equal()
    {
        using FeatureSet set = Scattered.Set(240, 5, classes: 4, seed: 3);
        using Tensor twice = cat([set.Features, set.Features.narrow(0, 0, 30), set.Features.narrow(0, 0, 30)]);
        using SimilarityIndex index = new(twice, Enumerable.Range(0, 300).Select(i => $"{i}"));
        using Tensor wide = nn.functional.normalize(twice.to(ScalarType.Float64), dim: 1);
        using Tensor all = wide.matmul(wide.t());
        double[] similarities = all.data<double>().ToArray();
        double[] expected = [.. Enumerable.Range(0, 300).Select(row => Enumerable.Range(0, 300).Where(other => other != row)
            .Select(other => similarities[(row * 300) + other]).OrderDescending().Take(2).Average())];

        IReadOnlyList<(int Index, float Similarity)> found = index.FindOutliers(9000, neighbours: 2);

        Assert.Equal(300, found.Select(entry => entry.Index).Distinct().Count());
        Assert.All(found, entry => Assert.Equal(expected[entry.Index], entry.Similarity, 1e-5));
        Assert.Equal(found.OrderBy(entry => entry.Similarity).ThenBy(entry => entry.Index), found);
        Assert.Equal(found.Take(7), index.FindOutliers(7, neighbours: 2));
    }

    [Fact]
    public void Clusters_are_those_of_k_means_with_the_images_nearest_to_their_center_first()
    {
        using FeatureSet set = Scattered.Set(300, 5, classes: 4, seed: 3, spread: 0.1);
        using SimilarityIndex index = new(set.Features, Enumerable.Range(0, 300).Select(i => $"{i}"));

        IReadOnlyList<IReadOnlyList<(int Index, float Similarity)>> clusters = index.Cluster(4, seed: 2);

        IReadOnlyList<int> expected = KMeans.Cluster(set.Features, 4, seed: 2).Clusters;
        double[][] rows = [.. Rows(set.Features).Select(row => row.Select(value => value / Math.Sqrt(row.Sum(x => x * x))).ToArray())];
        for (int cluster = 0; cluster < 4; cluster++)
        {
            int[] members = [.. Enumerable.Range(0, 300).Where(row => expected[row] == cluster)];
            Assert.Equal(members, clusters[cluster].Select(entry => entry.Index).Order());
            double[] center = [.. Enumerable.Range(0, 5).Select(i => members.Sum(row => rows[row][i]))];
            Assert.All(clusters[cluster], entry => Assert.Equal(Cosine(rows[entry.Index], center), entry.Similarity, 1e-5));
            Assert.Equal(clusters[cluster].OrderByDescending(entry => entry.Similarity).ThenBy(entry => entry.Index), clusters[cluster]);
        }
    }

    [Fact]
    public void A_saved_index_comes_back_whole_with_its_names()
    {
        using TemporaryFolder folder = new();
        using FeatureSet set = Scattered.Set(40, 5, classes: 3, seed: 1);
        string[] names = [.. Enumerable.Range(0, 39).Select(i => $"Ordner {i}/Größe\n\"{i}\".jpg"), ""];
        using SimilarityIndex index = new(set.Features, names);

        index.Save(folder.File("index.safetensors"));
        using SimilarityIndex again = SimilarityIndex.Load(folder.File("index.safetensors"));

        Assert.Equal((40, 5), (again.Count, again.Dimension));
        Assert.Equal(names, again.Names);
        Assert.Equal(index.Search(set.Features, 40), again.Search(set.Features, 40));
    }

    [Fact]
    public void Damaged_and_foreign_files_are_refused_by_name()
    {
        using TemporaryFolder folder = new();
        using SimilarityIndex index = new(ones(3, 2), ["a", "b", "c"]);
        string path = folder.File("index");
        index.Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;

        Refused("damaged after it was written", folder.Write("flipped", bytes));
        Refused("truncated", folder.Write("short", bytes[..100]));
        Refused("its format is 'not stated'", Written([("embeddings", ones(3, 2))], []));
        Dictionary<string, string> right = new() { ["format"] = "moco-similarity-index", ["schema"] = "1" };
        Refused("schema '2'", Written([("embeddings", ones(3, 2))], new(right) { ["schema"] = "2" }));
        Refused("no tensor 'names'", Written([("embeddings", ones(3, 2))], right));
        Refused("embeddings is 3 Float32; expected 2 dimensions of Float32", Written([("embeddings", ones(3))], right));
        Refused("embeddings 3×2 and 2 names",
            Written([("embeddings", ones(3, 2)), ("names", zeros(2, dtype: ScalarType.Byte)), ("name_ends", tensor(new long[] { 1, 2 }))],
            right));
        Refused("name 1 ends at byte 0; expected 1 to 2",
            Written([("embeddings", ones(2, 2)), ("names", zeros(2, dtype: ScalarType.Byte)), ("name_ends", tensor(new long[] { 1, 0 }))],
            right));
        Refused("the names end at byte 1; expected 2",
            Written([("embeddings", ones(1, 2)), ("names", zeros(2, dtype: ScalarType.Byte)), ("name_ends", tensor(new long[] { 1 }))],
            right));
        Refused("name 0 is no UTF-8 text",
            Written([("embeddings", ones(1, 2)), ("names", Filled(255, 1).to(ScalarType.Byte)), ("name_ends", tensor(new long[] { 1 }))],
            right));
        Refused("row 0 of embeddings",
            Written([("embeddings", Filled(double.NaN, 1, 2)), ("names", zeros(1, dtype: ScalarType.Byte)),
            ("name_ends", tensor(new long[] { 1 }))], right));
        Refused("row 0 of embeddings",
            Written([("embeddings", Filled(3, 1, 2)), ("names", zeros(1, dtype: ScalarType.Byte)),
            ("name_ends", tensor(new long[] { 1 }))], right));
        Assert.Throws<FileNotFoundException>(() => SimilarityIndex.Load(folder.File("absent")));

        string Written((string, Tensor)[] tensors, Dictionary<string, string> metadata)
        {
            SafetensorsWriter.Write(folder.File("other"), tensors, metadata);
            return folder.File("other");
        }

        static void Refused(string because, string path) =>
            Assert.Contains(because, Assert.Throws<InvalidDataException>(() => SimilarityIndex.Load(path))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_named_and_nothing_is_left_behind()
    {
        using Tensor embeddings = ones(3, 2);
        using Tensor broken = Filled(double.NaN, 3, 2);
        using SimilarityIndex index = new(embeddings, ["a", "b", "c"]);
        long before = LiveTensors.Settled();

        Refused("Expected 3 names, one for each embedding, found 2.", () => new SimilarityIndex(embeddings, ["a", "b"]));
        Refused("Name 1 is null", () => new SimilarityIndex(embeddings, ["a", null!, "c"]));
        Refused("Row 0 of embeddings has the length NaN", () => new SimilarityIndex(broken, ["a", "b", "c"]));
        Refused("Row 0 of queries has the length NaN", () => index.Search(broken, 1));
        Refused("Expected 1 to 3, the images in the index.", () => index.Search(embeddings, 4));
        Refused("Expected above -1 to 1.", () => index.FindNearDuplicates(1.5));
        Refused("Expected above -1 to 1.", () => index.FindRedundant(double.NaN));
        Refused("Expected 1 to 2, the other images.", () => index.FindOutliers(1, 3));
        Refused("clusters", () => index.Cluster(4));
        using (Tensor wide = ones(1, 3))
            Refused("Expected queries of shape M×2, found 1×3.", () => index.Search(wide, 1));
        index.Search(embeddings, 2);
        index.FindNearDuplicates(0.5);
        index.FindRedundant(0.5);
        index.FindOutliers(2, 1);
        index.Cluster(2);

        Assert.Equal(before, LiveTensors.Settled());

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static double[][] Rows(Tensor features)
        => [.. Scattered.Values(features).Select(value => (double)value).Chunk((int)features.shape[1])];

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
