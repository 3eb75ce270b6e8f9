using static MoCo.Tests.Samples.Programs;

namespace MoCo.Tests.Samples.Logging;

/// <summary>The program that shows how it is done.</summary>
public sealed class LoggersProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_training_arrives_at_MLflow_and_at_an_OpenTelemetry_collector()
    {
        for (int i = 0; i < 128; i++)
        {
            Random random = new(i);
            folder.Write($"{i:D3}.ppm", [.. "P6 8 8 255\n"u8, .. Enumerable.Range(0, 192).Select(_ => (byte)random.Next(256))]);
        }
        using TrackingServer server = new();

        string said = Start("Loggers", 0,
            "--data", folder.Path, "--epochs", "2", "--mlflow", $"{server.Address}", "--otlp", $"{server.Address}", "--name", "by test");

        Assert.Contains($"MLflow: {server.Address}#/experiments/7/runs/abc123", said, StringComparison.Ordinal);
        Assert.Equal("64", server.Parameters["BatchSize"]);
        Assert.Equal(
            ["2", "4"], server.Metrics.Where(metric => $"{metric["key"]}" == "epoch_loss").Select(metric => $"{metric["step"]}"));
        Assert.Equal("FINISHED", $"{server.Ended!["status"]}");
        string[] exported = [.. server.Exported.SelectMany(Instruments).Distinct()];
        Assert.Contains("moco.steps", exported);
        Assert.Contains("moco.step.duration", exported);
        Assert.Contains("moco.loader.images", exported);
    }

    /// <summary>The names of the instruments in an ExportMetricsServiceRequest, of the meter that is this library's.</summary>
    private static IEnumerable<string> Instruments(byte[] request) =>
        new WireMessage(request).Messages(1).SelectMany(resource => resource.Messages(2))
            .Where(scope => scope.Message(1).Text(1) == "MoCo").SelectMany(scope => scope.Messages(2)).Select(metric => metric.Text(1));
}
