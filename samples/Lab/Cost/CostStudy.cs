using System.Diagnostics;
using Lab.Results;
using MoCo.Contrast;

namespace Lab.Cost;

/// <summary>What a step costs, MoCo's beside end-to-end learning's: measured while memory and budget allow, computed beyond.</summary>
internal sealed class CostStudy(Ground ground, LabRequest request, string folder, Display display, CancellationToken stop)
{
    /// <summary>Of the memory that is free; what else runs wants some too.</summary>
    private const double MemoryShare = 0.8;

    /// <summary>A measurement may take this share of the time that is left: the largest ones are the last, and the slowest.</summary>
    private const double TimeShare = 0.5;

    private const double StartSeconds = 3, StepsOfMeasurement = 2;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly Dictionary<(string Table, string Method), List<(int Batch, StepMeasure Measure)>> points = [];

    public void Execute()
    {
        request.Asked.Write(folder);
        // The small encoder first: its points are many and quick.
        CostTable[] tables = [CostTable.Own(ground, request.Threads), CostTable.Papers(request.Threads)];
        foreach (CostTable table in tables)
            foreach (int batch in table.Probes.Concat(CostTable.Batches.Select(batch => batch / table.Devices)))
                foreach ((MethodKind kind, string name) in CostTable.Methods)
                    Measure(table, kind, name, batch);
        CostRow[] rows = [.. tables.SelectMany(Rows)];
        if (rows.Length == 0)
        {
            display.Say("cost: the time of --budget ended before a step of each method was measured; the same command goes on from there.");
            return;
        }
        OutputFile.Replace(Path.Combine(folder, StudyRun.ResultsName), CsvText.Of([.. rows.Select(JsonText.Object)]));
        CostTable[] measured = [.. tables.Where(table => rows.Any(row => row.Variable == table.Name))];
        ComparisonReport page = CostPage.Of(measured, rows, points, request.Threads);
        page.Save(Path.Combine(folder, StudyRun.PageName));
        foreach ((_, string text) in page.Findings) display.Say($"  {text}");
        display.Say($"cost: in {folder}: {StudyRun.PageName}, {StudyRun.ResultsName}");
    }

    private void Measure(CostTable table, MethodKind kind, string method, int batch)
    {
        if (!points.TryGetValue((table.Name, method), out List<(int Batch, StepMeasure Measure)>? known))
            points[(table.Name, method)] = known = [];
        string path = Path.Combine(folder, "steps", $"{FolderName.Of($"{table.Name}-{method}-{batch}")}.json");
        StepMeasure? measure = Json.ReadOrNull<StepMeasure>(path);
        if (measure is null && Fits(known, batch))
        {
            stop.ThrowIfCancellationRequested();
            measure = StepCommand.Run(table.Setting with { Method = kind, Batch = batch }, stop);
            if (measure is not null) OutputFile.Replace(path, JsonText.Of(measure));
            display.Say($"cost: {table.Name}, {method}, batch {batch:N0}: {(measure is null ? "no result, most likely for want of memory"
                : $"{measure.PeakMb:N0} MB, {measure.Seconds:F2} s a step")}");
        }
        if (measure is not null) known.Add((batch, measure));
    }

    private bool Fits(List<(int Batch, StepMeasure Measure)> known, int batch)
    {
        double left = request.Asked.Budget * 60 - Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (known.Count == 0) return left > 0;
        StepModel model = new(known);
        return model.Mb(batch) < MemoryShare * FreeMb() && StartSeconds + StepsOfMeasurement * model.Seconds(batch) < TimeShare * left;
    }

    /// <summary>The memory that is free: as Linux estimates it, else all that there is.</summary>
    private static double FreeMb()
    {
        const string Linux = "/proc/meminfo", Available = "MemAvailable:";
        string? free = File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(line => line.StartsWith(Available, StringComparison.Ordinal)) : null;
        return free?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, string kibibytes, ..]
            ? double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 / 1e6 : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e6;
    }

    private IEnumerable<CostRow> Rows(CostTable table) =>
        from batch in CostTable.Batches
        from method in CostTable.Methods
        let known = points[(table.Name, method.Name)]
        // Of one method alone there is nothing to compare.
        where CostTable.Methods.All(other => points[(table.Name, other.Name)].Count > 0)
        let device = batch / table.Devices
        let model = new StepModel(known)
        let measure = known.FirstOrDefault(point => point.Batch == device).Measure
        select new CostRow(
            "cost", table.Name, method.Name, batch, device, Math.Round(measure?.PeakMb ?? model.Mb(device)),
            Math.Round(measure?.Seconds ?? model.Seconds(device), 3), measure is null ? CostRow.Computed : CostRow.Measured);
}
