using System.Text;

namespace Pretrain;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    private const int Width = 110, Indent = 34;

    public static string All()
    {
        var text = new StringBuilder();
        text.AppendLine("""
            Pretrains an image encoder without labels by Momentum Contrast, and keeps everything about the run in one folder.

              pretrain --data PATH --out DIR [--preset v1|v2|cifar] [flags]
              pretrain --out DIR --resume [flags]

            The run
            """);
        Line(text, "--out DIR", "the run's folder, made if missing; one run a folder", null);
        Line(text, "--preset v1|v2|cifar", "the recipe that everything else is a change to: the paper's, its successor's, or the authors' for CIFAR-10", "v2");
        Line(text, "--options FILE.json", "flags from a file: { \"arch\": \"resnet18\", \"epochs\": 100 }; a run's own options.json is one. Flags on the command line win", null);
        Line(text, "--resume [auto|FILE]", "go on: auto takes the newest whole checkpoint in --out, and begins where there is none; a file must be there. Data and options are those of the run that goes on; flags may change what a checkpoint is not bound to", null);
        Line(text, "--plain", "lines instead of a panel that is drawn anew, also on a terminal", null);
        Plan preset = Plan.For(new Plan().Preset);
        foreach (SettingGroup group in Settings.Groups)
        {
            text.AppendLine().AppendLine(group.Title);
            foreach (Setting setting in group.Settings)
                Line(text, $"{setting.Flag} {(setting.IsSwitch ? $"[{setting.Value}]" : setting.Value)}", setting.Help, setting.Help.Contains("default:", StringComparison.Ordinal) ? null : Default(setting, preset));
        }
        text.Append("""

            Defaults are v2's where presets differ; [v1 …, cifar …] says how.

            Ctrl-C or SIGTERM finishes the step, saves and ends; a second one ends at once. What is in DIR:
              options.json          what was asked for, as far as it differs from the preset
              metrics.csv, .jsonl   every logged number; events/ has them for TensorBoard
              checkpoints/          last.ckpt, and epoch-0010.ckpt and so on with --keep-every
              backbone.safetensors  the weights at the end, under torchvision's names
              report.html           the page to look at

            Examples
              pretrain --data ~/photos --out runs/photos --arch resnet18 --queue 4096 --batch-size 128 --epochs 200
              pretrain --data /usr/share/datasets/fashion-mnist --out runs/fashion --preset cifar --epochs 20 --width 0.25
              pretrain --data 'shards/train-{000..146}.tar' --out runs/imagenet --device cuda --save-every-steps 500
              pretrain --out runs/photos --resume                 go on after a stop, a crash or a pulled plug
              pretrain --out runs/photos --resume --epochs 400    train a finished run on
              pretrain --data ~/photos --out runs/again --options runs/photos/options.json --seed 1

            Exit codes: 0 done; 1 failed while training (the last checkpoint stands); 2 wrong flags, data, folder or checkpoint;
            130 stopped by Ctrl-C and saved; 143 stopped by SIGTERM and saved.
            """);
        return text.ToString();
    }

    private static string? Default(Setting setting, Plan plan)
    {
        string? value = setting.Read(plan);
        if (value is null) return null;
        IEnumerable<string> others = Plan.Presets.Where(name => name != plan.Preset)
            .Select(name => (name, value: setting.Read(Plan.For(name)))).Where(other => other.value is not null && other.value != value).Select(other => $"{other.name} {other.value}");
        string differing = string.Join(", ", others);
        return differing.Length > 0 ? $"{value}; {differing}" : value;
    }

    private static void Line(StringBuilder text, string flag, string help, string? value)
    {
        if (value is not null) help += $" [{value}]";
        string first = "  " + flag;
        if (first.Length >= Indent - 1)
        {
            text.AppendLine(first);
            first = "";
        }
        var line = new StringBuilder(first.PadRight(Indent));
        foreach (string word in help.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                text.AppendLine(line.ToString().TrimEnd());
                line.Clear().Append(' ', Indent);
            }
            line.Append(word).Append(' ');
        }
        text.AppendLine(line.ToString().TrimEnd());
    }
}
