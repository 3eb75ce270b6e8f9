using System.Diagnostics;
using MoCo.Tests.Samples.Pretraining;

namespace MoCo.Tests.Samples.Laboratory;

/// <summary>The program as its users have it, on 320 small images of four classes, a few steps a run.</summary>
public sealed class LabProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public LabProgramTests()
    {
        QuarterImages.Write(folder.Path, "train", 320);
        QuarterImages.Write(folder.Path, "t10k", 80);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_study_stopped_and_gone_on_with_has_the_same_rows_and_repeats_no_run_and_no_other_options_are_taken()
    {
        string[] flags = ["--study", "momentum", "--epochs", "2", "--seeds", "2"];
        Finish(0, [.. flags, "--out", folder.File("whole")]);
        string[] whole = Rows("whole");
        Assert.Equal("study,variable,value,seed,epochs,knn,linear,loss,seconds,status,reason", whole[0]);
        Assert.Equal(["m 0", "m 0.9", "m 0.99", "m 0.999", "m 0.9999"], whole[1..6].Select(row => row.Split(',')[2]));
        Assert.Equal(["0", "0", "0", "0", "0", "1", "1", "1", "1", "1"], whole[1..].Select(row => row.Split(',')[3]));
        string page = File.ReadAllText(folder.File("whole/momentum/study.html"));
        Assert.All(["In words", "10 of 10", "<td class=\"figure others\">59.0</td>", "<title>0.999: "],
            text => Assert.Contains(text, page, StringComparison.Ordinal));

        using (Process stopped = Start([.. flags, "--out", folder.File("parts")]))
        {
            SmallRun.Until(stopped, "momentum: 2 of 10: ");
            Process.Start("kill", ["-TERM", $"{stopped.Id}"]).WaitForExit();
            Assert.Contains("the same command goes on from there", SmallRun.Ended(stopped, 143), StringComparison.Ordinal);
        }
        string again = Finish(0, [.. flags, "--out", folder.File("parts")]);
        Assert.DoesNotContain("momentum: 2 of 10", again, StringComparison.Ordinal);
        Assert.Contains("momentum: 10 of 10", again, StringComparison.Ordinal);
        Assert.DoesNotContain("of the untrained encoder", again, StringComparison.Ordinal);
        Assert.Equal(whole.Select(WithoutSeconds), Rows("parts").Select(WithoutSeconds));

        string before = File.ReadAllText(folder.File("parts/momentum/results.csv"));
        Finish(0, [.. flags, "--out", folder.File("parts")]);
        Assert.Equal(before, File.ReadAllText(folder.File("parts/momentum/results.csv")));

        string refused = Finish(2, ["--study", "momentum", "--epochs", "1", "--seeds", "3", "--out", folder.File("parts")]);
        Assert.StartsWith($"lab: {folder.File("parts/momentum")} was begun otherwise: --seeds is 3, and was 2; --epochs is 1, and was 2. "
            + "Give what it was begun with, or name another --out.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_of_costs_measures_a_step_in_a_process_of_its_own_and_computes_what_there_is_no_time_for()
    {
        // On a busy machine six seconds may be over before the first row: the same command goes on with what it has.
        for (int start = 0; start < 5 && !File.Exists(folder.File("cost/cost/results.csv")); start++)
            Programs.Start("Lab", 0, All(["--study", "cost", "--budget", "0.1", "--out", folder.File("cost")]));

        string[][] rows = [.. File.ReadAllLines(folder.File("cost/cost/results.csv")).Skip(1).Select(row => row.Split(','))];
        Assert.Equal(("256", "measured"), (rows[0][^5], rows[0][^1]));
        Assert.Equal(("4096", "computed"), (rows[9][^5], rows[9][^1]));
        double[] memory = [.. rows.Take(10).Where(row => row.Contains("end-to-end")).Select(row => Number(row[^3]))];
        Assert.Equal(memory.Order(), memory);
        Assert.InRange(memory[0], 50, 2000);
        Assert.Contains("computed", File.ReadAllText(folder.File("cost/cost/study.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_of_costs_that_has_no_time_for_a_step_says_so_and_that_it_can_go_on()
    {
        string said = Finish(0, ["--study", "cost", "--budget", "0.000001", "--out", folder.File("cost")]);

        Assert.Contains("cost: the time of --budget ended before a step of each method was measured; the same command goes on from there.",
            said, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("cost/cost/results.csv")));
    }

    [Theory]
    [InlineData("--study is 'moment'; expected one of momentum, queue, mechanisms, methods, head-aug, cost, all.", "--study", "moment")]
    [InlineData("--budget is '0'; expected a number above 0", "--budget", "0")]
    [InlineData("--seeds is '0'; expected a whole number, 1 to 100.", "--seeds", "0")]
    [InlineData("Unknown option '--minutes'.", "--minutes", "3")]
    public void What_cannot_be_done_is_said_and_ends_with_2(string expected, params string[] flags) =>
        Assert.StartsWith("lab: " + expected, Finish(2, [.. flags, "--out", folder.File("none")]), StringComparison.Ordinal);

    [Fact]
    public void Images_without_labels_are_refused()
    {
        File.Delete(folder.File("train-labels-idx1-ubyte"));
        File.Delete(folder.File("t10k-labels-idx1-ubyte"));
        Assert.Matches("^lab: .*a comparison needs labelled images", Finish(2, ["--out", folder.File("none")]));
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string WithoutSeconds(string row) => string.Join(',', row.Split(',').Where((_, column) => column != 8));

    private string[] Rows(string name) => File.ReadAllLines(folder.File($"{name}/momentum/results.csv"));

    private string Finish(int code, string[] flags) => Programs.Call("Lab", code, All(flags));

    private Process Start(string[] flags)
    {
        string program = Repository.File("samples", "Lab", "bin", Repository.Configuration, "net10.0", "lab.dll");
        return Process.Start(
            new ProcessStartInfo("dotnet", [program, .. All(flags)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private string[] All(string[] flags) => ["--data", folder.Path, "--size", "8", "--width", "0.0625", "--threads", "1", .. flags];
}
