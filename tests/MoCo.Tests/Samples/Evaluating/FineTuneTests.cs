using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>A classifier of the encoder and a head, to the end or as far as it came.</summary>
public sealed class FineTuneTests : EvaluateTests
{
    [Fact]
    public void Fine_tuning_writes_a_classifier_that_is_measured_exported_and_shown_the_views_that_it_learned_from()
    {
        string[] data = ["--data", folder.Path, "--epochs", "4", "--step", "16", "--encoder-rate", "0.05", "--head-rate", "0.1"];
        Assert.Equal(0, Run(["finetune", Weights, .. data, "--size", "16", "--normalize", "mnist", "--freeze", "conv1", "--views", "plain",
            "--test-every", "2", "--schedule", "cosine", "--from-scratch"]));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/finetune.json")))!, first = result["results"]![0]!;
        Assert.Equal(("pretrained", 1, false), (
            first["start"]!.GetValue<string>(), first["top1"]!.GetValue<double>(), result["stopped"]!.GetValue<bool>()));
        Assert.Equal("cosine", result["schedule"]!.GetValue<string>());
        Assert.Equal("random weights", result["results"]![1]!["start"]!.GetValue<string>());
        string[] rows = File.ReadAllLines(folder.File("evaluation/finetune.csv"));
        Assert.Equal("start,epoch,loss,top1,top5", rows[0]);
        Assert.Equal(9, rows.Length);
        Assert.EndsWith(",,", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",1,1", rows[4], StringComparison.Ordinal);

        string tuned = folder.File("evaluation/finetuned.safetensors");
        Assert.Equal(0, Run("inspect", tuned, "--json", folder.File("i.json")));
        JsonNode facts = JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!;
        Assert.Equal(("16", "4"), (facts["view_size"]!.GetValue<string>(), facts["epochs"]!.GetValue<string>()));
        Assert.EndsWith("head Linear, 2 numbers", facts["architecture"]!.GetValue<string>(), StringComparison.Ordinal);
        // Without --size and --normalize: the file says them.
        Assert.Equal(0, Run("knn", tuned, "--data", folder.Path, "--k", "1", "--json", folder.File("k.json")));
        JsonNode knn = JsonNode.Parse(File.ReadAllText(folder.File("k.json")))!;
        Assert.Equal((16, 0.1307), (knn["view_size"]!.GetValue<int>(), knn["mean"]![0]!.GetValue<double>()));
        Assert.Equal(0, Run("export", tuned, folder.File("classifier.onnx"), "--embedding"));

        Directory.CreateDirectory(folder.File("elsewhere"));
        File.Copy(folder.File("bare.safetensors"), folder.File("elsewhere/bare.safetensors"));
        Assert.Equal(2, Run(["finetune", folder.File("elsewhere/bare.safetensors"), .. data]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--freeze", "layer9"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--embedding"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--out", folder.File("t.pth")]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--warmup-epochs", "4"]));
        Assert.Equal(2, Run(["finetune", Weights, .. data, "--optimizer", "lion"]));
    }

    [Fact]
    public async Task Fine_tuning_that_is_stopped_keeps_the_network_and_the_figures()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals");
        string tuned = folder.File("t.safetensors");
        using Process process = Begin("--epochs", "100000", "--out", tuned);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        while (!File.Exists(tuned) && !process.HasExited) await Task.Delay(100, TestContext.Current.CancellationToken);
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        string said = await output, complained = await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 130, said + complained);
        Assert.Contains("stopped; what was done until then is written", complained, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("f.json")))!;
        Assert.True(result["stopped"]!.GetValue<bool>());
        JsonArray epochs = result["results"]![0]!["epochs"]!.AsArray();
        // The network of the last whole epoch, and what was measured of it.
        JsonNode facts = Inspected(tuned);
        Assert.Equal($"{epochs.Count}", facts["epochs"]!.GetValue<string>());
        double top1 = double.Parse(facts["top1"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Assert.Equal(epochs[^1]!["top1"]!.GetValue<double>(), top1);
        Assert.EndsWith("head Linear, 2 numbers", facts["architecture"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fine_tuning_that_is_stopped_in_its_first_epoch_keeps_the_network_of_the_steps_that_were_made()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals");
        Write("train", 60_000);
        string tuned = folder.File("t.safetensors");
        using Process process = Begin("--epochs", "3", "--step", "2", "--out", tuned);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains("to learn from", StringComparison.Ordinal)) break;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 130, said);
        Assert.Contains($"the network is in {tuned}", said, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("f.json")))!;
        Assert.True(result["stopped"]!.GetValue<bool>());
        Assert.Equal("0", Inspected(tuned)["epochs"]!.GetValue<string>());
    }

    private Process Begin(params string[] flags) => Process.Start(new ProcessStartInfo("dotnet",
    [
        Repository.File("samples", "Evaluate", "bin", Repository.Configuration, "net10.0", "evaluate.dll"), "finetune",
        folder.File("bare.safetensors"), "--data", folder.Path, "--size", "8", "--json", folder.File("f.json"), .. flags,
    ])
    { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
