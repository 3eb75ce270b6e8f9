using Lab.Cost;

namespace MoCo.Tests.Samples.Laboratory;

public class StepModelTests
{
    [Fact]
    public void Steps_that_are_linear_in_the_batch_are_computed_exactly()
    {
        (int, StepMeasure)[] points = [.. new[] { 8, 16, 32 }.Select(Point)];
        StepModel model = new(points);

        Assert.Equal(150 + 2.5 * 512, model.Mb(512), 6);
        Assert.Equal(0.1 + 0.02 * 512, model.Seconds(512), 6);
        (double mb, double seconds) = StepModel.Error(points)!.Value;
        Assert.Equal((0, 0), (Math.Round(mb, 9), Math.Round(seconds, 9)));
    }

    [Fact]
    public void The_error_is_that_of_the_point_that_the_others_predict_worst()
    {
        (int Batch, StepMeasure Measure)[] points = [.. new[] { 8, 16, 32 }.Select(Point)];
        points[2].Measure = points[2].Measure with { PeakMb = 300 };

        // From 8 and 16 the third is 150 + 2.5 · 32 = 230.
        Assert.Equal(1 - 230.0 / 300, StepModel.Error(points)!.Value.Mb, 2);
        Assert.Null(StepModel.Error(points[..2]));
    }

    [Fact]
    public void Of_one_point_time_is_in_proportion() => Assert.Equal(4 * 0.26, new StepModel([Point(8)]).Seconds(32), 9);

    private static (int, StepMeasure) Point(int batch) => (batch, new StepMeasure(0.1 + 0.02 * batch, 150 + 2.5 * batch, 100, 50));
}
