using MoCo.Contrast;
using MoCo.Interop;
using MoCo.Optimization;
using Samples.Encoders;

namespace Evaluate.Weights;

/// <summary><c>evaluate export</c>: one file of weights into another's form.</summary>
internal static class ExportCommand
{
    private static readonly Form[] Forms =
    [
        new("safetensors", [".safetensors"], "the backbone under torchvision's names", asked => asked.Encoder.SaveBackbone(asked.To)),
        new("torchvision", [".pth", ".pt"], "the same as PyTorch's state_dict", asked => asked.Encoder.SaveBackbone(asked.To)),
        new("official", [".pth.tar"], "a checkpoint for main_lincls.py and main_moco.py of the official MoCo code", WriteOfficial),
        new("detectron2", [".pkl"], "detectron2's MODEL.WEIGHTS", asked => asked.Encoder.SaveDetectron2(asked.To)) { IsReadable = false },
        new("onnx", [".onnx"], "a model for ONNX Runtime and others, any batch size", WriteOnnx) { IsReadable = false },
        new("encoder", [], "backbone and head as safetensors", asked => asked.Encoder.SaveEncoder(asked.To)),
    ];

    public static Command Create()
    {
        EncoderFlags flags = new();
        Argument<string> path = EncoderFlags.File();
        Argument<string> output = new("out") { Description = "the file to make or replace", HelpName = "OUT" };
        output.Validators.Add(OutputFile.Check);
        Option<Form?> kind = Values.OneOf<Form?>(Forms.ToDictionary(form => form.Name, form => (Form?)form))
            .Option("--as", "the form, where the ending does not say it");
        Option<bool> embedding = new("--embedding") { Description = "for onnx: the head's output instead of the backbone's features" };
        Option<bool> unit = new("--unit") { Description = "for onnx: bring the output to unit length" };
        Option<int> queue = Numbers.Whole(
            "--queue-length", "for official: keys of the queue, random where ENCODER has none", 65_536, 1, 1 << 24);
        string lines = string.Join('\n', Forms.Select(form => $"  {string.Join(", ", form.Endings),-17} {form.Name,-13} {form.Text}"));
        Command command = new("export", "Writes an encoder as another tool reads it. The ending of OUT decides, or --as:\n"
            + $"{lines}\nWhat can be read back is read back and compared.") { path, output, kind, embedding, unit, queue, flags.Stem };
        command.SetWork(parsed =>
        {
            (string from, string to) = (WeightPath.Of(parsed.GetValue(path)!), parsed.GetValue(output)!);
            UsageException.ThrowIf(
                Path.GetFullPath(from) == Path.GetFullPath(to), $"{to} is the file that is read; expected another to write.");
            Form form = parsed.GetValue(kind) ?? Form.Of(to);
            if (form.Name != "onnx" && new[] { embedding, unit }.FirstOrDefault(parsed.GetValue) is { } foreign)
                throw new UsageException($"{foreign.Name} counts for onnx only; the form here is {form.Name}.");
            UsageException.ThrowIf(
                form.Name != "official" && parsed.IsGiven(queue), $"{queue.Name} counts for official only; the form here is {form.Name}.");
            form.RefuseEnding(to);
            using OpenedEncoder opened = OpenedEncoder.Open(new(from, parsed.GetValue(flags.Stem), parsed.GetValue(embedding)));
            UsageException.ThrowIf(
                form.Name == "encoder" && !opened.HasHead,
                $"{from} has no projection head; expected one, or --as safetensors for the backbone alone.");
            form.Write(new Asked(opened, to, parsed.GetValue(queue), parsed.GetValue(unit)));
            Screen.Say($"written: {to}, {new FileInfo(to).Length:N0} bytes, {OpenedEncoder.Architecture(opened.Options)}");
            if (form.IsReadable) Compare(opened, to);
        });
        return command;
    }

    private static void WriteOnnx(Asked asked) => asked.Encoder.SaveOnnx(
        asked.To, asked.Choice.Embedding, asked.Unit, normalization: asked.Opened.Normalization);

    private static void WriteOfficial(Asked asked)
    {
        if (asked.Opened.Layout == WeightLayout.Checkpoint && MoCoTrainer.ReadOptions(asked.Choice.Path).Method == MethodKind.MoCoV3)
        {
            using MoCoTrainer trainer = MoCoTrainer.Resume(asked.Choice.Path);
            trainer.Method.SaveOfficial(asked.To, trainer.Epoch);
            return;
        }
        using ContrastModel model = ContrastModel.Open(asked.Choice.Path, asked.Choice.Stem, asked.QueueLength);
        OptimizationOptions? optimizer = model.Run?.Options is { } options
            ? options.Optimizer with { LearningRate = options.FullLearningRate }
            : null;
        Tell(WeightParts.Head, "head: the file gets a random one, which only counts");
        Tell(WeightParts.Queue, $"queue: the file gets {asked.QueueLength:N0} random keys, which only count");
        model.Method.SaveOfficial(asked.To, model.Run?.Epoch ?? 0, optimizer);

        void Tell(WeightParts part, string missing)
        {
            if (!model.Parts.HasFlag(part)) Screen.Say($"{asked.Choice.Path} has no {missing} for going on with training.");
        }
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
            throw new InvalidDataException(
                $"{path} was read back, and its features differ by {difference:G3} from those of the encoder; expected none.");
        Screen.Say("read back: the features are the same");
    }

    /// <summary>What is exported, and where to.</summary>
    private sealed record Asked(OpenedEncoder Opened, string To, int QueueLength, bool Unit)
    {
        public EncoderChoice Choice => Opened.Choice;

        public Encoder Encoder => Opened.Encoder;
    }

    /// <summary>What a file of weights can be handed over as.</summary>
    private sealed record Form(string Name, string[] Endings, string Text, Action<Asked> Write)
    {
        /// <summary>Whether the library reads what it writes.</summary>
        public bool IsReadable { get; init; } = true;

        public static Form Of(string path) => Forms.FirstOrDefault(form => form.Ends(path)) ?? throw new UsageException(
            $"'{path}' does not say what to write; expected {string.Join(", ", Forms.SelectMany(form => form.Endings))}, or --as.");

        /// <summary>The library writes some by the file's ending: one that asks for another form would lie.</summary>
        public void RefuseEnding(string path)
        {
            bool pickle = Forms.Single(form => form.Name == "torchvision").Ends(path);
            UsageException.ThrowIf(
                Name is "safetensors" or "torchvision" or "encoder" && pickle != (Name == "torchvision"),
                $"'{path}' does not end as {Name} files do; expected {(pickle ? ".safetensors" : ".pth")}.");
        }

        private bool Ends(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }
}
