using Loggers;
using MoCo.Training;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

ValueKind<Uri> address = new("URL", text =>
    Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme.StartsWith("http", StringComparison.Ordinal) ? url
        : throw new FormatException("an address that begins with http:// or https://"));
Option<string> data = Values.FullPath.Option("--data", "images to train on: a folder, or another source that pretrain takes");
data.Required = true;
Option<int> epochs = Numbers.Whole("--epochs", "passes over the images", 10, 1, 10_000);
Option<Uri> mlflow = address.Option("--mlflow", "the MLflow tracking server").Or(new Uri("http://localhost:5000"));
Option<string> experiment = Values.Word("NAME").Option("--experiment", "the experiment there, made if there is none").Or("moco");
Option<string> name = Values.Word("NAME").Option("--name", "what the run is called there [default: a name of the server's]");
Option<Uri> collector = address.Option("--otlp", "the OpenTelemetry collector (OTLP over HTTP)").Or(new Uri("http://localhost:4318"));
RootCommand command = new("""
    Trains on images and logs to MLflow and OpenTelemetry: a pattern for programs of your own, which take MlflowRun.cs, MlflowClient.cs,
    ReportedValues.cs and four lines.

    Training does not wait for the servers and goes on without them; nothing else is saved. An MLflow server that asks who logs gets what
    the variables MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, say.
    Exit codes: 0 done, 1 failed, 2 wrong command line or input, 130 stopped by Ctrl-C.
    """) { data, epochs, mlflow, experiment, name, collector };
using StopSignals signals = new();
command.SetWork(Train);
return CommandRun.Run("loggers", command, args, signals);

void Train(ParseResult parsed)
{
    IImageSet images = ImageSources.Open(parsed.GetRequiredValue(data));
    EncoderOptions encoder = MoCoOptions.Cifar.Encoder with { Width = 0.25, InputChannels = images.Channels };
    MoCoOptions options = MoCoOptions.Cifar with
    {
        Encoder = encoder,
        BatchSize = 64,
        Epochs = parsed.GetValue(epochs),
        DropLastBatch = true,
    };
    AugmentationRecipe views = images.Channels == 1 ? AugmentationRecipe.Grey(28) : AugmentationRecipe.Cifar(32);
    using MoCoTrainer trainer = new(options);
    using TwoCropLoader loader = new(images, views, options.Loader());

    // The four lines: two servers, and how the run ended.
    MlflowClient server = new(parsed.GetRequiredValue(mlflow));
    using MlflowRun run = new(server, parsed.GetRequiredValue(experiment), parsed.GetValue(name), MlflowRun.Parameters(options));
    using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter("MoCo").AddOtlpExporter(Export).Build();
    FitResult fit = trainer.Fit(loader, new EpochLines(run), signals.Token);
    run.End(fit);

    if (run.Page is { } page) Console.WriteLine($"MLflow: {page}");
    signals.Token.ThrowIfCancellationRequested();

    void Export(OtlpExporterOptions exporter, MetricReaderOptions reader)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(parsed.GetRequiredValue(collector), "v1/metrics");
        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 10_000;
    }
}

/// <summary>Prints a line an epoch and hands reports on.</summary>
file sealed class EpochLines(IProgress<TrainingProgress> next) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Summary is { } epoch) Console.WriteLine(epoch.Health());
        next.Report(value);
    }
}
