namespace MoCo.Tests.Validation;

/// <summary>Numbers in messages, files and reports are the same whatever the user's culture is.</summary>
public sealed class InvariantNumbersTests
{
    [Fact]
    public void Nothing_in_the_library_writes_or_reads_a_number_by_the_users_culture()
    {
        string[] found = [.. CultureUse.In(typeof(MoCoTrainer).Assembly.Location)];
        Assert.True(found.Length == 0, $"{found.Length} places:\n{string.Join('\n', found)}");
    }
}
