using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

public sealed class MetricsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Lines => folder.File("metrics.jsonl");

    private string Table => folder.File("metrics.csv");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_files_hold_every_row_and_a_new_metric_gets_a_column()
    {
        using (MetricsWriter writer = new(folder.Path))
        {
            writer.Write(10, Pair("loss", 8.25), Pair("lr", 0.03));
            writer.Write(20, Pair("loss", double.NaN), Pair("lr", 0.03));
            writer.Write(20, Pair("knn, \"top 1\"", 0.5));
        }
        Assert.Equal(
            """
            {"step":10,"loss":8.25,"lr":0.03}
            {"step":20,"loss":null,"lr":0.03}
            {"step":20,"knn, \u0022top 1\u0022":0.5}

            """, File.ReadAllText(Lines));
        Assert.Equal(
            """"
            step,loss,lr,"knn, ""top 1"""
            10,8.25,0.03,
            20,,0.03,
            20,,,0.5

            """", File.ReadAllText(Table));
        IReadOnlyList<MetricsRow> rows = MetricsRow.ReadFile(Lines);
        Assert.Equal([10, 20, 20], rows.Select(row => row.Step));
        Assert.Equal(8.25, rows[0].Values["loss"]);
        Assert.True(double.IsNaN(rows[1].Values["loss"]));
    }

    [Fact]
    public void Wherever_a_crash_cuts_the_file_the_whole_lines_before_it_stand_and_writing_goes_on()
    {
        Fill(folder.Path, 4);
        byte[] whole = File.ReadAllBytes(Lines);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            using TemporaryFolder torn = new();
            torn.Write("metrics.jsonl", whole[..cut]);
            int stand = whole[..cut].Count(value => value == '\n');

            using (MetricsWriter writer = new(torn.Path))
            {
                Assert.Equal(stand, MetricsRow.ReadFile(torn.File("metrics.jsonl")).Count);
                writer.Write(100, Pair("loss", 1));
            }
            Assert.Equal(
                [.. Enumerable.Range(0, stand).Select(step => (long)step), 100],
                MetricsRow.ReadFile(torn.File("metrics.jsonl")).Select(row => row.Step));
            Assert.Equal(stand + 2, File.ReadAllLines(torn.File("metrics.csv")).Length);
        }
    }

    [Fact]
    public void A_last_line_of_zeros_is_dropped_but_a_damaged_line_in_the_middle_is_an_error()
    {
        Fill(folder.Path, 2);
        byte[] whole = File.ReadAllBytes(Lines);
        File.WriteAllBytes(Lines, [.. whole, .. new byte[20], (byte)'\n']);
        Fill(folder.Path, 3, from: 2);
        Assert.Equal(3, MetricsRow.ReadFile(Lines).Count);

        File.WriteAllText(Lines, "{\"step\":1}\n{\"step\":\"x\"}\n{\"step\":3}\n");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => new MetricsWriter(folder.Path));
        Assert.Contains("Line 2 of ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_gives_the_same_files_as_one_that_never_stopped()
    {
        using TemporaryFolder straight = new();
        Fill(straight.Path, 10);
        Fill(folder.Path, 8);

        using (MetricsWriter writer = new(folder.Path, resumedStep: 5))
        {
            Assert.Equal(5, MetricsRow.ReadFile(Lines)[^1].Step);
            for (int step = 6; step < 10; step++) writer.Write(step, Pair("loss", step / 3.0));
        }
        Assert.Equal(File.ReadAllText(straight.File("metrics.jsonl")), File.ReadAllText(Lines));
        Assert.Equal(File.ReadAllText(straight.File("metrics.csv")), File.ReadAllText(Table));
    }

    [Fact]
    public void Nothing_is_written_twice_and_steps_never_go_back()
    {
        Fill(folder.Path, 4);
        using MetricsWriter writer = new(folder.Path);

        Refused("'loss' was written already for step 3", () => writer.Write(3, Pair("loss", 1)));
        Refused("Step 2 comes after step 3", () => writer.Write(2, Pair("x", 1)));
        Refused("row's own", () => writer.Write(4, Pair("step", 1)));
        writer.Write(3, Pair("knn", 0.5));
        Assert.Equal(5, MetricsRow.ReadFile(Lines).Count);

        static void Refused(string because, Action write)
            => Assert.Contains(because, Assert.Throws<ArgumentException>(write).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_in_the_file_when_Write_returns_and_a_second_writer_is_refused()
    {
        using MetricsWriter writer = new(folder.Path);
        writer.Write(1, Pair("loss", 2));

        Assert.Equal(2, Assert.Single(MetricsRow.ReadFile(Lines)).Values["loss"]);
        Assert.Throws<IOException>(() => new MetricsWriter(folder.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_full_disk_leaves_whole_rows_and_what_waits_is_written_when_there_is_space(bool isNewColumn)
    {
        using SmallDisk disk = new(128);
        using TemporaryFolder straight = new();
        const int rows = 400, until = 300;
        int failed = 0;
        Write(straight.Path, _ => { });
        Write(disk.Path, step =>
        {
            if (step == 20) disk.Fill();
            if (step == until) disk.MakeRoom();
            if (step is <= 20 or > until || failed == 0) return;
            // Both files end where a row ends.
            Assert.EndsWith("}\n", Read("metrics.jsonl"), StringComparison.Ordinal);
            Assert.All(Read("metrics.csv").Split('\n')[..^1], line => Assert.Equal(line.Count(c => c == ','), Commas(line)));
        });
        Assert.InRange(failed, until / 2, until);
        foreach (string name in (string[])["metrics.jsonl", "metrics.csv"])
            Assert.Equal(File.ReadAllText(straight.File(name)), File.ReadAllText(disk.File(name)));

        void Write(string path, Action<int> at)
        {
            using MetricsWriter writer = new(path);
            for (int step = 0; step < rows; step++)
            {
                at(step);
                string name = isNewColumn && step >= 30 ? "knn" : "loss";
                if (Record.Exception(() => writer.Write(step, Pair(name, step / 3.0), Pair("lr", 0.1))) is not { } error) continue;
                Assert.Contains("No space left on device", Assert.IsType<IOException>(error).Message, StringComparison.Ordinal);
                failed++;
            }
        }

        string Read(string name) => File.ReadAllText(disk.File(name));

        // Every line has as many cells as the first.
        int Commas(string line) => Read("metrics.csv").Split('\n')[0].Count(c => c == ',');
    }

    [Fact]
    public void Rows_that_wait_are_written_when_the_writer_is_disposed()
    {
        using SmallDisk disk = new(128);
        int step = 0;
        using (MetricsWriter writer = new(disk.Path))
        {
            disk.Fill();
            while (Record.Exception(() => writer.Write(step++, Pair("loss", 1))) is null)
            {
            }
            disk.MakeRoom();
        }
        Assert.Equal(step, MetricsRow.ReadFile(disk.File("metrics.jsonl")).Count);
        Assert.Equal(step + 1, File.ReadAllLines(disk.File("metrics.csv")).Length);
    }

    [Fact]
    public void Files_that_are_deleted_under_the_writer_are_made_anew_with_all_rows()
    {
        string path = folder.File("run");
        using (MetricsWriter writer = new(path))
        {
            writer.Write(1, Pair("loss", 1));
            Directory.Delete(path, recursive: true);
            writer.Write(2, Pair("loss", 2));
            Directory.Delete(path, recursive: true);
            writer.Write(3, Pair("knn", 3));
        }
        Assert.Equal([1, 2, 3], MetricsRow.ReadFile(Path.Combine(path, "metrics.jsonl")).Select(row => row.Step));
        Assert.Equal(["step,loss,knn", "1,1,", "2,2,", "3,,3"], File.ReadAllLines(Path.Combine(path, "metrics.csv")));
    }

    private static KeyValuePair<string, double> Pair(string name, double value) => new(name, value);

    private static void Fill(string path, int to, int from = 0)
    {
        using MetricsWriter writer = new(path);
        for (int step = from; step < to; step++) writer.Write(step, Pair("loss", step / 3.0));
    }

    [Fact]
    public void The_images_per_second_of_version_0_1_are_read_under_their_present_name()
    {
        File.WriteAllText(folder.File("metrics.jsonl"), "{\"step\":1,\"pictures_per_second\":250}\n");
        Assert.Equal(250, MetricsRow.ReadFile(folder.File("metrics.jsonl"))[0].Values[MetricsRow.ImagesPerSecond]);
    }
}
