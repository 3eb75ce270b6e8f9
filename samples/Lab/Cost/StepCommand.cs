using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Lab.Cost;

/// <summary><c>lab step</c>: measures one step. The laboratory starts itself so for every measurement, since a process's memory at most
/// says nothing of what comes after.</summary>
internal static class StepCommand
{
    private const string Name = "step";
    private const int MostSteps = 3;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        Argument<string> setting = new("setting");
        Command command = new(Name, "Measures one step; the laboratory calls it.") { setting };
        command.Hidden = true;
        command.SetWork(parsed => Console.WriteLine(
            JsonSerializer.Serialize(Measure(JsonSerializer.Deserialize<StepSetting>(parsed.GetRequiredValue(setting))!))));
        return command;
    }

    /// <summary>Measures in a process of its own.</summary>
    /// <returns>Null where the process ended without a result: most likely the memory did not suffice.</returns>
    public static StepMeasure? Run(StepSetting setting, CancellationToken stop)
    {
        string program = Assembly.GetExecutingAssembly().Location;
        string host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        using Process process = Process.Start(
            new ProcessStartInfo(host, [program, Name, JsonSerializer.Serialize(setting)]) { RedirectStandardOutput = true })!;
        using CancellationTokenRegistration end = stop.Register(process.Kill);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        stop.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<StepMeasure>(output) : null;
    }

    private static StepMeasure Measure(StepSetting setting)
    {
        set_num_threads(setting.Threads);
        using (Tensor some = rand(64, 64))
        using (Tensor product = some.mm(some)) product.sum();
        double before = Megabytes(process => process.WorkingSet64);
        using MoCoTrainer trainer = new(setting.Options);
        double counted = Counted(trainer) / 1e6;
        using TwoCropBatch batch = new(Views(setting), Views(setting), Enumerable.Range(0, setting.Batch).ToArray(), 0, 0);
        trainer.Step(batch);
        long started = Stopwatch.GetTimestamp();
        int steps = 0;
        do trainer.Step(batch);
        while (++steps < MostSteps && Stopwatch.GetElapsedTime(started) < Enough);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / steps;
        return new StepMeasure(seconds, Megabytes(process => process.PeakWorkingSet64), before, counted);
    }

    private static long Counted(MoCoTrainer trainer)
    {
        long learning = Bytes(trainer.Method.Trainable.parameters());
        long following = Bytes(trainer.Method.parameters()) - learning;
        return 3 * learning + 2 * following + Bytes(trainer.Method.buffers());
    }

    private static long Bytes(IEnumerable<Tensor> tensors) => tensors.Sum(tensor => tensor.numel() * tensor.element_size());

    private static Tensor Views(StepSetting setting) => rand(setting.Batch, setting.Encoder.InputChannels, setting.Size, setting.Size);

    private static double Megabytes(Func<Process, long> read)
    {
        using Process process = Process.GetCurrentProcess();
        return read(process) / 1e6;
    }
}
