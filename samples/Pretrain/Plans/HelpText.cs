namespace Pretrain.Plans;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    public static HelpPage Page()
    {
        HelpPage page = new HelpPage().Add("""
            Pretrains an image encoder without labels by Momentum Contrast, and keeps everything about the run in one folder.

              pretrain --data PATH --out DIR [--preset NAME] [flags]
              pretrain --out DIR --resume [flags]
              pretrain --plan [MEMORY] [--data PATH] [flags]
              pretrain --replay FILE

            The run
            """);
        foreach (Option option in Arguments.OfTheRun) page.Add(option);
        foreach ((string title, IEnumerable<Setting> settings) in Settings.Groups)
        {
            page.Add($"\n{title}");
            foreach (Setting setting in settings) page.Add(setting.Option, Defaults(setting));
        }
        return page.Add("""

            Defaults are v2's where presets differ; [v1 …, cifar …] says how.

            Ctrl-C or SIGTERM finishes the step, saves and ends; a second one ends at once. What is in DIR:
              options.json          what was asked for, as far as it differs from the preset
              metrics.csv, .jsonl   every logged number; events/ has them for TensorBoard
              checkpoints/          last.ckpt, and epoch-0010.ckpt and so on with --keep-every
              bad/                  batches whose loss was not finite, for --replay
              backbone.safetensors  the weights at the end, under torchvision's names
              report.html           the page to look at
              curve.svg             the main curves as an image; summary.json has the run in numbers
              error.txt             where a run failed: the trace

            Examples
              pretrain --data ~/photos --out runs/photos --arch resnet18 --queue 4096 --batch-size 128 --epochs 200
              pretrain --data /usr/share/datasets/fashion-mnist --out runs/fashion --preset cifar --epochs 20 --width 0.25
              pretrain --data 'shards/train-{000..146}.tar' --out runs/imagenet --device cuda --save-every-steps 500
              pretrain --data ~/photos --out runs/crops --min-area 0.14 --small-views 6    multi-crop, as SwAV
              pretrain --out runs/photos --resume                 go on after a stop, a crash or a pulled plug
              pretrain --out runs/photos --resume --epochs 400    train a finished run on
              pretrain --data ~/photos --out runs/again --options runs/photos/options.json --seed 1

            Many processes train one model: mpirun -n 4 dotnet pretrain.dll ..., or srun. --batch-size and --bn-splits are those of
            the whole, and multiples of the processes; checkpoints fit any number of them.

            Exit codes: 0 done; 1 failed while training (the screen says at which step, what is saved and how to go on,
            error.txt has the trace), or trained, but not all files could be written; 2 wrong flags, data, folder or
            checkpoint; 75 stopped by SIGUSR1 and saved, to be started again; 130 stopped by Ctrl-C and saved; 143 stopped by
            SIGTERM and saved; any other: ended from outside or by native code, which could say no more: --resume goes on from
            the last checkpoint, if there is one.
            """);
    }

    private static string? Defaults(Setting setting)
    {
        if (setting.Option.Description!.Contains("default:", StringComparison.Ordinal)) return null;
        string? usual = setting.Read(Plan.For(Plan.UsualPreset));
        IEnumerable<string> others = Plan.Presets.Select(name => (name, value: setting.Read(Plan.For(name))))
            .Where(other => other.value is not null && other.value != usual).Select(other => $"{other.name} {other.value}");
        string differing = string.Join(", ", others);
        return usual is null || differing.Length == 0 ? usual : $"{usual}; {differing}";
    }
}
