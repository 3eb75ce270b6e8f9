using System.CommandLine;
using System.Globalization;
using MoCo.Encoders;
using MoCo.Interop;
using Samples;
using Samples.CommandLine;
using Samples.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace Evaluate;

/// <summary><c>evaluate export</c>: one file of weights into another's form.</summary>
internal static class ExportCommand
{
    private const string Description = """
        Writes an encoder as another tool reads it. The ending of OUT decides, or --as:
          .safetensors      safetensors   the backbone under torchvision's names
          .pth, .pt         torchvision   the same as PyTorch's state_dict
          .pth.tar          official      a checkpoint for main_lincls.py and main_moco.py of the official MoCo code
          .pkl              detectron2    detectron2's MODEL.WEIGHTS
          .onnx             onnx          a model for ONNX Runtime and others, any batch size
                            encoder       backbone and head as safetensors
        What can be read back is read back and compared.
        """;

    public static Command Create()
    {
        var encoder = new EncoderFlags();
        Argument<string> path = new("encoder") { Description = "any file of a ResNet's weights, or a run's folder", HelpName = "ENCODER" };
        Argument<string> output = new("out") { Description = "the file to make or replace", HelpName = "OUT" };
        Option<string?> kind = new("--as") { Description = "the form, where the ending does not say it" };
        Option<bool> embedding = new("--embedding") { Description = "for onnx: the head's output instead of the backbone's features" };
        Option<bool> unit = new("--unit") { Description = "for onnx: bring the output to unit length" };
        Option<int> queue = Numbers.Whole("--queue-length", "for official: keys of the queue, random where ENCODER has none", 65_536, 1, 1 << 24);
        kind.AcceptOnlyFromAmong([.. Enum.GetNames<ExportKind>().Select(name => name.ToLowerInvariant())]);
        var command = new Command("export", Description) { path, output, kind, embedding, unit, queue };
        encoder.AddStemTo(command);
        command.SetWork(parsed =>
        {
            (string from, string to) = (WeightPath.Of(parsed.GetValue(path)!), parsed.GetValue(output)!);
            ResultOptions.CheckFile(to);
            if (Path.GetFullPath(from) == Path.GetFullPath(to)) throw new UsageException($"{to} is the file that is read; expected another to write.");
            ExportKind form = parsed.GetValue(kind) is { } name ? Enum.Parse<ExportKind>(name, ignoreCase: true) : KindOf(to);
            if (form != ExportKind.Onnx && new[] { embedding, unit }.FirstOrDefault(parsed.GetValue) is { } foreign) throw new UsageException($"{foreign.Name} counts for onnx only; the form here is {form.ToString().ToLowerInvariant()}.");
            using OpenedEncoder opened = OpenedEncoder.Open(new EncoderChoice(from) { Stem = encoder.ReadStem(parsed), Embedding = parsed.GetValue(embedding) });
            if (form == ExportKind.Encoder && !opened.Parts.HasFlag(WeightParts.Head)) throw new UsageException($"{from} has no projection head; expected one, or --as safetensors for the backbone alone.");
            Write(opened, form, from, to, parsed.GetValue(queue), encoder.ReadStem(parsed), new OnnxExportOptions
            {
                Output = opened.Network == opened.Encoder ? OnnxOutput.Embeddings : OnnxOutput.Features,
                L2Normalize = parsed.GetValue(unit),
                Normalization = opened.Normalization,
            });
            Screen.Say(string.Create(CultureInfo.InvariantCulture, $"written: {to}, {new FileInfo(to).Length:N0} bytes, {OpenedEncoder.Architecture(opened.Options)}"));
            if (form is ExportKind.Safetensors or ExportKind.Torchvision or ExportKind.Encoder or ExportKind.Official) Compare(opened, to);
        });
        return command;
    }

    private static ExportKind KindOf(string path) => path.ToLowerInvariant() switch
    {
        var name when name.EndsWith(".safetensors", StringComparison.Ordinal) => ExportKind.Safetensors,
        var name when name.EndsWith(".pth", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal) => ExportKind.Torchvision,
        var name when name.EndsWith(".pth.tar", StringComparison.Ordinal) => ExportKind.Official,
        var name when name.EndsWith(".pkl", StringComparison.Ordinal) => ExportKind.Detectron2,
        var name when name.EndsWith(".onnx", StringComparison.Ordinal) => ExportKind.Onnx,
        _ => throw new UsageException($"'{path}' does not say what to write; expected .safetensors, .pth, .pth.tar, .pkl or .onnx, or --as."),
    };

    private static void Write(OpenedEncoder opened, ExportKind form, string from, string to, int queueLength, Stem? stem, OnnxExportOptions onnx)
    {
        switch (form)
        {
            case ExportKind.Safetensors or ExportKind.Torchvision:
                RefuseEnding(form, to);
                opened.Encoder.SaveBackbone(to);
                break;
            case ExportKind.Encoder:
                RefuseEnding(form, to);
                opened.Encoder.SaveEncoder(to);
                break;
            case ExportKind.Official:
                using (ContrastModel model = ContrastModel.Open(from, stem, queueLength))
                {
                    OfficialRun run = new() { Epoch = model.Epoch ?? 0 };
                    if (model.Options is { } options) run = run with { LearningRate = options.FullLearningRate, Momentum = options.Optimizer.Momentum, WeightDecay = options.Optimizer.WeightDecay };
                    if (!model.Parts.HasFlag(WeightParts.Head)) Screen.Say($"{from} has no head: the file gets a random one, which only counts for going on with training.");
                    if (!model.Parts.HasFlag(WeightParts.Queue)) Screen.Say($"{from} has no queue: the file gets {queueLength:N0} random keys, which only count for going on with training.");
                    model.Method.SaveOfficial(to, run);
                }
                break;
            case ExportKind.Detectron2:
                opened.Encoder.SaveDetectron2(to);
                break;
            default:
                opened.Encoder.SaveOnnx(to, onnx);
                break;
        }
    }

    /// <summary>The library writes these two by the file's ending: one that asks for another form would lie.</summary>
    private static void RefuseEnding(ExportKind form, string path)
    {
        bool pickle = path.EndsWith(".pth", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".pt", StringComparison.OrdinalIgnoreCase);
        if (pickle != (form == ExportKind.Torchvision)) throw new UsageException($"'{path}' does not end as {form.ToString().ToLowerInvariant()} files do; expected {(pickle ? ".safetensors" : ".pth")}.");
    }

    /// <summary>Reads the file back and compares what both networks make of the same numbers.</summary>
    private static void Compare(OpenedEncoder opened, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using var generator = new Generator(0, CPU);
        Tensor views = randn(2, opened.Options.InputChannels, 64, 64, generator: generator);
        using Encoder written = EncoderFiles.Open(path, opened.Options.Stem);
        written.eval();
        double difference = opened.Encoder.features(views).sub(written.features(views)).abs().max().item<float>();
        if (!(difference <= 1e-5)) throw new InvalidDataException($"{path} was read back, and its features differ by {difference:G3} from those of the encoder; expected none.");
        Screen.Say("read back: the features are the same");
    }
}
