namespace MoCo.Tests.Samples;

/// <summary>What the programs say to words that they do not know.</summary>
public class MistypedTests
{
    [Theory]
    [InlineData("Pretrain", "--bach-size 3", "Unknown option '--bach-size'. Did you mean --batch-size?")]
    [InlineData("Pretrain", "--data x --out y --arch resnet19", "Did you mean resnet18?")]
    [InlineData("Pretrain", "--data x --out y --optimizer lasr", "expected one of sgd, lars, adamw. Did you mean lars?")]
    [InlineData("Pretrain", "--preset v3-vti", "Did you mean v3-vit?")]
    [InlineData("Evaluate", "knnn x --data y", "Unknown command 'knnn'; expected one of linear, knn, ")]
    [InlineData("Evaluate", "knnn x --data y", ". Did you mean knn?")]
    [InlineData("Evaluate", "", "evaluate: A command is missing; expected one of linear, knn, ")]
    [InlineData("Evaluate", "knn x --data y --batch-size 4", "Unknown option '--batch-size'. Did you mean --batch?")]
    [InlineData("Evaluate", "knn x -data y", "Unknown option '-data'. Did you mean --data?")]
    [InlineData("Evaluate", "finetune x --data y --optimizer adam", "is 'adam'; expected one of sgd, adamw. Did you mean adamw?")]
    [InlineData("Search", "idnex x", "Did you mean index?")]
    [InlineData("Runs", "--resum", "Did you mean --resume?")]
    [InlineData("ShowViews", "x --preset cifra", "Did you mean cifar?")]
    [InlineData("MakeShards", "x y --shard_size 3", "Did you mean --shard-size?")]
    [InlineData("Quickstart", "--minute 3", "Did you mean --minutes?")]
    [InlineData("Lab", "--study queu", "Did you mean queue?")]
    [InlineData("Loggers", "--data x --epoch 3", "Did you mean --epochs?")]
    public void The_nearest_word_is_asked_about(string program, string arguments, string message) =>
        Assert.Contains(message, Told(program, arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData("Evaluate", "measure")]
    [InlineData("Evaluate", "finetune x --data y --optimizer lion")]
    [InlineData("Pretrain", "--preset v4 --data x --out y")]
    [InlineData("Pretrain", "--no-such-flag")]
    public void Nothing_is_asked_where_no_word_is_near(string program, string arguments) =>
        Assert.DoesNotContain("Did you mean", Told(program, arguments), StringComparison.Ordinal);

    private static string Told(string program, string arguments) =>
        Programs.Call(program, 2, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
