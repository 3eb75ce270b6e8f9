using System.Text.Json;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors;

public sealed class EmbeddingFiguresTests
{
    [Fact]
    public void Every_figure_of_training_equals_PyTorch_s()
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement fixture = Fixture.Read("evaluation", "diagnostics.json");
        Tensor x = Fixture.Tensor(fixture.GetProperty("x")), y = Fixture.Tensor(fixture.GetProperty("y"));
        Tensor q = nn.functional.normalize(x, dim: 1), k = nn.functional.normalize(y, dim: 1);
        double[] deviations = Fixture.Tensor(fixture.GetProperty("deviations")).data<double>().ToArray();

        MeasuredEmbeddings measured = MeasuredEmbeddings.Of(q, k, x.narrow(0, 0, 5))!;

        Assert.Equal(40, measured.Count);
        Assert.Equal(deviations.Average(), measured.Deviation, 1e-9);
        Assert.Equal(deviations.Min(), measured.LeastDeviation, 1e-9);
        Assert.Equal(6, measured.Rank.Most);
        Assert.Equal(fixture.GetProperty("rankme").GetDouble(), measured.Rank.Value, 1e-6);
        Assert.Equal(5, measured.FeatureRank!.Value.Most); // of five rows, not of six numbers
        Assert.Equal(fixture.GetProperty("rankme_of_five").GetDouble(), measured.FeatureRank.Value.Value, 1e-6);
        Assert.Equal(fixture.GetProperty("alignment").GetDouble(), measured.Alignment, 1e-9);
        Assert.Equal(fixture.GetProperty("uniformity").GetDouble(), measured.Uniformity, 1e-9);
    }

    [Fact]
    public void Both_kinds_of_collapse_show_in_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1, CPU);
        Tensor point = nn.functional.normalize(randn(1, 32, generator: generator), dim: 1).repeat(200, 1);
        MeasuredEmbeddings complete = MeasuredEmbeddings.Of(point, point, null)!;
        Assert.Equal((0.0, 0.0), (complete.Deviation, complete.Alignment));
        Assert.Equal(0, complete.Uniformity, 1e-6);
        Assert.Equal(1, complete.Rank.Value, 1e-3);
        Assert.Null(complete.FeatureRank);

        Tensor plane = randn(200, 32, generator: generator);
        plane.narrow(1, 2, 30).zero_();
        plane = nn.functional.normalize(plane, dim: 1);
        MeasuredEmbeddings dimensional = MeasuredEmbeddings.Of(plane, plane, null)!;
        Assert.Equal(0, dimensional.LeastDeviation);
        Assert.InRange(dimensional.Rank.Value, 1.9, 2.001);
        Assert.Equal(32, dimensional.Rank.Most);
    }

    [Fact]
    public void Random_directions_use_nearly_all_dimensions()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(2, CPU);
        Tensor random = nn.functional.normalize(randn(512, 32, generator: generator), dim: 1);
        MeasuredEmbeddings measured = MeasuredEmbeddings.Of(random, random, random)!;
        Assert.InRange(measured.Deviation, 0.99, 1);
        Assert.InRange(measured.Rank.Value / measured.Rank.Most, 0.98, 1);
        Assert.InRange(measured.Uniformity, -4, -3.7);
    }

    [Fact]
    public void Nothing_is_said_of_one_embedding_or_of_numbers_that_are_not_finite()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor one = ones(1, 4), two = ones(2, 4), broken = full(2, 4, double.NaN.ToScalar());
        Assert.Null(MeasuredEmbeddings.Of(one, one, null));
        Assert.Null(MeasuredEmbeddings.Of(two, broken, null));
        Assert.Null(MeasuredEmbeddings.Of(two, two, broken));
    }
}
