using MoCo.Evaluation;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation;

public sealed class UnitRowsTests
{
    [Fact]
    public void Every_row_gets_unit_length_however_short_or_long_and_zeros_stay()
    {
        using Tensor rows = tensor(new float[,] { { 3, 4 }, { 3e-30f, 4e-30f }, { 3e30f, 4e30f }, { 0, 0 } });
        using Tensor half = tensor(new float[,] { { 3, 0 }, { 4, 1 } }).to(ScalarType.Float16).t();

        using Tensor unit = UnitRows.Of(rows, "rows");
        using Tensor strided = UnitRows.Of(half, "half");

        Assert.All(unit.ToFloats().Zip([0.6f, 0.8f, 0.6f, 0.8f, 0.6f, 0.8f, 0, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-7f));
        Assert.Equal([0.6f, 0.8f, 0, 1], strided.ToFloats());
        Assert.Equal([3, 4], rows[0].ToFloats());
    }

    [Fact]
    public void Many_blocks_equal_torch_s_normalize()
    {
        using Generator generator = new(1, CPU);
        using Tensor rows = randn(3000, 200, generator: generator);
        using Tensor expected = nn.functional.normalize(rows, dim: 1);

        using Tensor unit = UnitRows.Of(rows, "rows");

        Fixture.Near(expected, unit, 1e-6, "unit");
    }

    [Fact]
    public void A_row_that_has_no_direction_is_named()
    {
        using Tensor rows = tensor(new float[,] { { 1, 0 }, { 0, 0 }, { float.NaN, 1 } });

        Assert.Contains("Row 2 of rows has the length NaN; expected a finite one.", Refused(() => UnitRows.Of(rows, "rows")),
            StringComparison.Ordinal);
        Assert.Contains("Row 1 of rows has the length 0; expected a finite one above 0.",
            Refused(() => UnitRows.Of(rows, "rows", allowZero: false)), StringComparison.Ordinal);
        Assert.Contains("Row 12 of rows", Refused(() => UnitRows.Of(rows, "rows", number: row => row + 10)), StringComparison.Ordinal);
        Assert.Contains("N at least 4, floating, found 3×2 Float32", Refused(() => UnitRows.Of(rows, "rows", fewest: 4)),
            StringComparison.Ordinal);

        static string Refused(Func<object> make) => Assert.Throws<ArgumentException>(make).Message;
    }
}
