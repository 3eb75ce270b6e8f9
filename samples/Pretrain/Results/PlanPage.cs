using MoCo.Contrast;
using MoCo.Distributed;
using Spectre.Console;

namespace Pretrain.Results;

/// <summary>What <c>--plan</c> prints in the place of a run.</summary>
internal static class PlanPage
{
    /// <summary>The largest view for which the recipe is that of small images.</summary>
    private const int SmallView = 64;

    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">Flags, data or checkpoint can't be used.</exception>
    public static int Show(Request request, Display display)
    {
        if (LaunchEnvironment.Read() is { Size: > 1 } launched)
            throw new UsageException($"--plan counts one process, and {launched.StartedBy} has started {launched.Size}; start one, with "
                + "one process's part of --batch-size and --bn-splits.");
        RunFolder run = new(request.Out.Length > 0 ? request.Out : ".");
        Origin? origin = request.Resume is { } asked ? Origin.Find(asked, run, request.Plan, display.Say) : null;
        Plan plan = origin?.Continue(request, display.Say) ?? request.Plan;
        // A memory bank has a row for each image.
        if (plan.Data is not null || plan.Options.Method == MethodKind.MemoryBank) plan.Validate();
        DataSet? data = plan.Data is null ? null : DataSet.Open(plan);
        if (data is not null)
        {
            (plan, data) = request.Job.Choose(plan, data, isNew: origin is null);
            foreach (string line in data.Found(plan.DataName!)) display.Say(line);
        }
        int size = plan.ViewSize ?? (plan.Preset == "cifar" ? 32 : 224);
        LoaderOptions loader = plan.Options.Loader() with { PrefetchBatches = plan.Prefetch };
        MoCoOptions options = plan.Options;
        long memory = request.Memory!.Value;
        // Shards can't be read by number, as the monitor and the report read images.
        int usual = FeatureSet.UsualBatchSize(size);
        int evaluated = data?.Train is IImageStream ? 0 : (int)Math.Min(usual, data?.Count ?? usual);
        try
        {
            MemoryPlan made = Of(options);
            Table(made);
            if (plan.Device != "cpu") display.Say($"Counted for a CPU; on {plan.Device} it is less of the main memory, and not measured.");
            display.Say($"Batch {options.BatchSize:N0} takes {Text(made.Peak)}, give or take a tenth, of {Text(memory)}"
                + $"{(made.Peak > memory ? ", and does not fit" : "")}. The largest batch that fits:");
            foreach ((string flags, MoCoOptions changed) in Variants(options))
            {
                MemoryPlan planned = Of(changed);
                int? most = planned.LargestBatch(memory);
                string bound = most == planned.LargestBatch(long.MaxValue) ? ", all that the other flags allow" : "";
                display.Say($"  {flags}: {(most is int batch ? $"{batch:N0}{bound}" : "none")}");
            }
            if (data is null) display.Say("With --data there is advice on a recipe for so many images, too.");
            else if (Of(RecipeAdvice.WithLongestQueue(options)).LargestBatch(memory) is int fits)
                Advise(RecipeAdvice.For(data.Count, size <= SmallView, options.Encoder.BatchNormSplits, fits), data.Count, display);
            else display.Say("There is no advice for so little memory: a smaller --arch, --width or --view-size takes less.");
        }
        catch (ArgumentException error)
        {
            throw new UsageException(Settings.InFlags(error.Message));
        }
        return 0;

        MemoryPlan Of(MoCoOptions changed) => MemoryPlan.Of(changed, size, loader, savesCheckpoints: true, evaluated,
            (plan.SmallViews, SmallCrops.Size(plan.SmallSize, size)));
    }

    /// <summary>What would make room: another precision, the other of both ways to keep activations, as many parts as there are groups of
    /// BatchNorm.</summary>
    private static IEnumerable<(string Flags, MoCoOptions Changed)> Variants(MoCoOptions options)
    {
        foreach (Precision precision in Enum.GetValues<Precision>())
            yield return ($"--precision {Values.Text(precision)}", options with { Precision = precision });
        bool other = !options.GradientCheckpointing;
        yield return ($"--gradient-checkpointing {Values.Text(other)}", options with { GradientCheckpointing = other });
        MoCoOptions parts = options with { MicroBatches = options.Encoder.BatchNormSplits };
        if (parts.MicroBatches != options.MicroBatches && IsValid(parts))
        {
            string accumulate = $"--accumulate {parts.MicroBatches}";
            yield return (accumulate, parts);
            if (other) yield return ($"{accumulate} --gradient-checkpointing true", parts with { GradientCheckpointing = true });
        }
    }

    private static bool IsValid(MoCoOptions options)
    {
        try
        {
            options.Validate();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Table(MemoryPlan plan)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("memory", "MB");
        table.Columns[1].RightAligned();
        foreach ((string Name, long Bytes) part in plan.Parts.Where(part => part.Bytes > 0))
        {
            table.AddRow(part.Name, Text(part));
            if (part.Name == MemoryPlan.ActivationsPart)
                foreach ((string Name, long Bytes) layer in plan.Activations) table.AddRow($"  {layer.Name}", Text(layer));
        }
        AnsiConsole.Write(table.AddRow("[bold]peak[/]", $"[bold]{plan.Peak / 1e6:N1}[/]"));
    }

    private static void Advise(IReadOnlyList<Advice> recipe, long images, Display display)
    {
        display.Say($"For {Counted.Of(images, "image")} of this size the literature suggests:");
        foreach (Advice advice in recipe)
            display.Say($"  --{advice.Setting} {Values.Text(advice.Value)}: {advice.Reason}.");
    }

    private static string Text((string Name, long Bytes) part) => $"{part.Bytes / 1e6:N1}";

    private static string Text(long bytes) => $"{bytes / 1e9:N2} GB";
}
