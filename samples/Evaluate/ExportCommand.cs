using MoCo.Interop;
using MoCo.Optimization;
using Samples.Encoders;

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
        EncoderFlags encoder = new();
        Argument<string> path = EncoderFlags.File();
        Argument<string> output = new("out") { Description = "the file to make or replace", HelpName = "OUT" };
        Option<string?> kind = EncoderFlags.Among(
            "--as", "the form, where the ending does not say it", Enum.GetValues<ExportKind>().Select(Name));
        Option<bool> embedding = new("--embedding") { Description = "for onnx: the head's output instead of the backbone's features" };
        Option<bool> unit = new("--unit") { Description = "for onnx: bring the output to unit length" };
        Option<int> queue = Numbers.Whole(
            "--queue-length", "for official: keys of the queue, random where ENCODER has none", 65_536, 1, 1 << 24);
        Command command = new("export", Description) { path, output, kind, embedding, unit, queue };
        encoder.AddStemTo(command);
        command.SetWork(parsed =>
        {
            (string from, string to) = (WeightPath.Of(parsed.GetValue(path)!), parsed.GetValue(output)!);
            OutputFile.Check(to);
            UsageException.ThrowIf(
                Path.GetFullPath(from) == Path.GetFullPath(to), $"{to} is the file that is read; expected another to write.");
            ExportKind form = parsed.GetValue(kind) is { } name ? Enum.Parse<ExportKind>(name, ignoreCase: true) : KindOf(to);
            if (form != ExportKind.Onnx && new[] { embedding, unit }.FirstOrDefault(parsed.GetValue) is { } foreign)
                throw new UsageException($"{foreign.Name} counts for onnx only; the form here is {Name(form)}.");
            RefuseEnding(form, to);
            EncoderChoice choice = new(from) { Stem = encoder.ReadStem(parsed), Embedding = parsed.GetValue(embedding) };
            using OpenedEncoder opened = OpenedEncoder.Open(choice);
            UsageException.ThrowIf(
                form == ExportKind.Encoder && !opened.Parts.HasFlag(WeightParts.Head),
                $"{from} has no projection head; expected one, or --as safetensors for the backbone alone.");
            Write(opened, form, choice, to, parsed.GetValue(queue), parsed.GetValue(unit));
            Screen.Say($"written: {to}, {new FileInfo(to).Length:N0} bytes, {OpenedEncoder.Architecture(opened.Options)}");
            if (form is ExportKind.Safetensors or ExportKind.Torchvision or ExportKind.Encoder or ExportKind.Official) Compare(opened, to);
        });
        return command;
    }

    private static string Name(ExportKind form) => form.ToString().ToLowerInvariant();

    private static bool Ends(string path, params string[] endings) =>
        endings.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static ExportKind KindOf(string path) =>
        Ends(path, ".safetensors") ? ExportKind.Safetensors
        : Ends(path, ".pth", ".pt") ? ExportKind.Torchvision
        : Ends(path, ".pth.tar") ? ExportKind.Official
        : Ends(path, ".pkl") ? ExportKind.Detectron2
        : Ends(path, ".onnx") ? ExportKind.Onnx
        : throw new UsageException(
            $"'{path}' does not say what to write; expected .safetensors, .pth, .pth.tar, .pkl or .onnx, or --as.");

    private static void Write(OpenedEncoder opened, ExportKind form, EncoderChoice choice, string to, int queueLength, bool unit)
    {
        switch (form)
        {
            case ExportKind.Safetensors or ExportKind.Torchvision:
                opened.Encoder.SaveBackbone(to);
                break;
            case ExportKind.Encoder:
                opened.Encoder.SaveEncoder(to);
                break;
            case ExportKind.Official:
                WriteOfficial(choice, to, queueLength);
                break;
            case ExportKind.Detectron2:
                opened.Encoder.SaveDetectron2(to);
                break;
            default:
                opened.Encoder.SaveOnnx(to, new OnnxExportOptions
                {
                    Embeddings = choice.Embedding,
                    L2Normalize = unit,
                    Normalization = opened.Normalization,
                });
                break;
        }
    }

    private static void WriteOfficial(EncoderChoice choice, string to, int queueLength)
    {
        using ContrastModel model = ContrastModel.Open(choice.Path, choice.Stem, queueLength);
        OptimizationOptions? optimizer = model.Options is { } options
            ? options.Optimizer with { LearningRate = options.FullLearningRate }
            : null;
        Tell(WeightParts.Head, "head: the file gets a random one, which only counts");
        Tell(WeightParts.Queue, $"queue: the file gets {queueLength:N0} random keys, which only count");
        model.Method.SaveOfficial(to, model.Epoch ?? 0, optimizer);

        void Tell(WeightParts part, string missing)
        {
            if (!model.Parts.HasFlag(part)) Screen.Say($"{choice.Path} has no {missing} for going on with training.");
        }
    }

    /// <summary>The library writes these by the file's ending: one that asks for another form would lie.</summary>
    private static void RefuseEnding(ExportKind form, string path)
    {
        bool pickle = Ends(path, ".pth", ".pt"), byEnding = form is ExportKind.Safetensors or ExportKind.Torchvision or ExportKind.Encoder;
        UsageException.ThrowIf(
            byEnding && pickle != (form == ExportKind.Torchvision),
            $"'{path}' does not end as {Name(form)} files do; expected {(pickle ? ".safetensors" : ".pth")}.");
    }

    /// <summary>Reads the file back and compares what both networks make of the same numbers.</summary>
    private static void Compare(OpenedEncoder opened, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using Generator generator = new(0, CPU);
        Tensor views = randn(2, opened.Options.InputChannels, 64, 64, generator: generator);
        using Encoder written = EncoderFiles.Open(path, opened.Options.Stem);
        written.eval();
        double difference = opened.Encoder.features(views).sub(written.features(views)).abs().max().item<float>();
        if (!(difference <= 1e-5))
        {
            throw new InvalidDataException(
                $"{path} was read back, and its features differ by {difference:G3} from those of the encoder; expected none.");
        }
        Screen.Say("read back: the features are the same");
    }
}

/// <summary>What a file of weights can be handed over as; <see cref="ExportCommand"/>'s help says what each is.</summary>
internal enum ExportKind
{
    Safetensors,
    Torchvision,
    Encoder,
    Official,
    Detectron2,
    Onnx,
}
