using System.Diagnostics;
using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting;
using MoCo.Reporting.TensorBoard;
using Tensorboard;

namespace MoCo.Tests.Reporting;

/// <summary>Files read back by the classes that TensorBoard's own schema generates, as TorchSharp ships them.</summary>
public sealed class TensorBoardWriterTests : IDisposable
{
    private static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 1, 2, 3];

    private readonly TemporaryFolder folder = new();
    private int written;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Crc32C_is_that_of_the_published_check_value_and_of_the_bitwise_definition()
    {
        // RFC 3720, B.4, and the catalogue's check value of "123456789".
        Assert.Equal(0xe3069283u, RecordFraming.Crc32C("123456789"u8));
        Assert.Equal(0x8a9136aau, RecordFraming.Crc32C(new byte[32]));
        byte[] bytes = new byte[300];
        new Random(3).NextBytes(bytes);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Equal(EventFileReader.MaskedCrc(bytes.AsSpan(0, length)),
                RecordFraming.Masked(RecordFraming.Crc32C(bytes.AsSpan(0, length))));
    }

    [Fact]
    public void Scalars_come_back_in_order_after_the_file_s_version()
    {
        List<Event> events = Written(writer =>
        {
            for (int step = 0; step < 3000; step++) writer.Scalar("train/loss", step, Math.Sqrt(step));
        });

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(3001, events.Count);
        for (int step = 0; step < 3000; step++)
        {
            Summary.Types.Value value = Assert.Single(events[step + 1].Summary.Value);
            Assert.Equal(step, events[step + 1].Step);
            Assert.Equal("train/loss", value.Tag);
            Assert.Equal((float)Math.Sqrt(step), value.SimpleValue);
            Assert.InRange(events[step + 1].WallTime, 1.7e9, 1e11);
        }
    }

    [Fact]
    public void A_histogram_counts_every_finite_value_between_its_bounds()
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => MathF.Sin(i)), float.NaN, float.PositiveInfinity];

        HistogramProto histogram = Value(writer => writer.Histogram("weights", 7, values, bins: 10)).Histo;

        float[] finite = values[..1000];
        Assert.Equal(finite.Min(), histogram.Min, 6);
        Assert.Equal(finite.Max(), histogram.Max, 6);
        Assert.Equal(1000, histogram.Num);
        Assert.Equal(finite.Sum(value => (double)value), histogram.Sum, 6);
        Assert.Equal(finite.Sum(value => (double)value * value), histogram.SumSquares, 6);
        double[] ends = [.. histogram.BucketLimit], counts = [.. histogram.Bucket];
        Assert.Equal(finite.Max(), ends[^1], 6);
        double before = double.NegativeInfinity;
        for (int bin = 0; bin < 10; bin++)
        {
            double end = bin == 9 ? double.PositiveInfinity : ends[bin];
            Assert.InRange(counts[bin], finite.Count(value => value > before + 1e-6 && value < end - 1e-6),
                finite.Count(value => value > before - 1e-6 && value < end + 1e-6));
            before = end;
        }
    }

    [Fact]
    public void A_histogram_of_one_value_and_one_counted_already_are_whole_too()
    {
        Assert.Equal(5, Value(writer => writer.Histogram("same", 0, [2, 2, 2, 2, 2])).Histo.Bucket.Sum());
        HistogramProto counted = Value(writer => writer.Histogram("counted", 0, new Histogram(-1, 1, [1, 0, 3, 4], 0.375))).Histo;
        Assert.Equal([-0.5, 0, 0.5, 1], counted.BucketLimit);
        Assert.Equal([1, 0, 3, 4], counted.Bucket);
        Assert.Equal(8 * 0.375, counted.Sum, 9);
        Assert.Equal(0.75 * 0.75 + 3 * 0.25 * 0.25 + 4 * 0.75 * 0.75, counted.SumSquares, 9);
        Assert.Equal(0, Value(writer => writer.Histogram("empty", 0, new Histogram(-1, 1, [0, 0], double.NaN))).Histo.Sum);
    }

    [Fact]
    public void An_image_and_a_text_come_back_as_they_were()
    {
        Summary.Types.Image image = Value(writer => writer.Image("views", 3, 20, 10, Png)).Image;
        Assert.Equal((10, 20, 3), (image.Height, image.Width, image.Colorspace));
        Assert.Equal(Png, image.EncodedImageString);

        Summary.Types.Value text = Value(writer => writer.Text("options", 0, "**τ** = 0.2"));
        Assert.Equal("text", text.Metadata.PluginData.PluginName);
        Assert.Equal(DataType.DtString, text.Tensor.Dtype);
        Assert.Equal("**τ** = 0.2", Assert.Single(text.Tensor.StringVal).ToStringUtf8());
    }

    [Fact]
    public void Hyperparameters_keep_their_types()
    {
        Dictionary<string, object> options = new() { ["lr"] = 0.03, ["symmetric"] = true, ["arch"] = "resnet18" };

        Summary.Types.Value[] values = [.. Written(writer => writer.Hyperparameters(options, "knn"))[1].Summary.Value];

        Assert.Equal(["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"],
            values.Select(value => value.Tag));
        // The plugin's own schema, HParamsPluginData, is not among those classes.
        WireMessage[] contents = [.. values.Select(value => new WireMessage(value.Metadata.PluginData.Content.ToByteArray()))];
        WireMessage experiment = contents[0].Message(2);
        Assert.Equal([("lr", 3), ("symmetric", 2), ("arch", 1)], experiment.Messages(5).Select(option => (option.Text(1), option.Long(4))));
        Assert.Equal("knn", experiment.Message(6).Message(1).Text(2));
        WireMessage[] held = [.. contents[1].Message(3).Messages(1)];
        Assert.Equal(0.03, held[0].Message(2).Double(2));
        Assert.Equal(1, held[1].Message(2).Long(4));
        Assert.Equal("resnet18", held[2].Message(2).Text(3));
        Assert.Equal(1, contents[2].Message(4).Long(1));
    }

    [Fact]
    public void A_run_that_goes_on_tells_readers_which_steps_to_forget()
    {
        Event restart = Written(_ => { }, path => new TensorBoardWriter(path, 500))[1];

        Assert.Equal(501, restart.Step);
        Assert.Equal(SessionLog.Types.SessionStatus.Start, restart.SessionLog.Status);
    }

    [Fact]
    public void Events_reach_the_file_within_the_flush_interval_without_further_calls()
    {
        using TensorBoardWriter writer = new(folder.Path, null, TimeSpan.FromMilliseconds(50));
        writer.Scalar("loss", 1, 2);
        Stopwatch watch = Stopwatch.StartNew();
        while (new FileInfo(Events(folder.Path)).Length < 60 && watch.Elapsed < TimeSpan.FromSeconds(20)) Thread.Sleep(10);

        Assert.Equal(2, EventFileReader.Read(Copied(Events(folder.Path))).Count);
    }

    [Fact]
    public void Many_threads_lose_nothing_through_a_narrow_queue()
    {
        List<Event> events = Written(writer => Parallel.For(0, 4, thread =>
        {
            for (int step = 0; step < 500; step++) writer.Scalar($"thread{thread}", step, step);
        }), path => new TensorBoardWriter(path, null, TimeSpan.FromSeconds(5), queueCapacity: 2));

        foreach (IGrouping<string, long> steps in events.Skip(1).GroupBy(value => value.Summary.Value.Single().Tag, value => value.Step))
            Assert.Equal(Enumerable.Range(0, 500).Select(step => (long)step), steps);
        Assert.Equal(2001, events.Count);
    }

    [Fact]
    public void Two_writers_of_one_folder_have_a_file_each()
    {
        using TensorBoardWriter first = new(folder.Path);
        using TensorBoardWriter second = new(folder.Path);

        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_full_disk_is_told_and_blocks_nobody()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full");
        using EventFile file = new("/dev/full", capacity: 2, TimeSpan.FromMilliseconds(1), FileMode.Open);

        byte[] record = new byte[100_000];
        IOException error = Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < 100; i++) file.Add(record);
            file.Flush();
        });
        Assert.StartsWith("The event file '/dev/full' can't be written: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_that_a_full_disk_does_not_take_are_written_when_there_is_space()
    {
        using SmallDisk disk = new(256);
        using TensorBoardWriter writer = new(disk.Path, null, TimeSpan.FromMilliseconds(1));
        disk.Fill();
        int step = 0;
        Assert.True(
            SpinWait.SpinUntil(() => Record.Exception(() => writer.Scalar("loss", step++, 1)) is IOException, TimeSpan.FromMinutes(1)));
        for (int more = 0; more < 100; more++) Assert.Throws<IOException>(() => writer.Scalar("loss", step++, 1));
        Assert.Throws<IOException>(writer.Flush);
        // What is on the disk ends where an event ends.
        EventFileReader.Read(Copied(Events(disk.Path)));
        disk.MakeRoom();
        writer.Flush();
        writer.Scalar("loss", step++, 1);
        writer.Dispose();
        Assert.Equal(Enumerable.Range(0, step).Select(number => (long)number),
            EventFileReader.Read(Events(disk.Path)).Skip(1).Select(read => read.Step));
    }

    [Fact]
    public void A_file_that_is_deleted_under_the_writer_is_made_anew_with_all_events()
    {
        string path = folder.File("events");
        using TensorBoardWriter writer = new(path);
        writer.Scalar("loss", 1, 1);
        writer.Flush();
        Directory.Delete(path, recursive: true);
        writer.Scalar("loss", 2, 1);
        writer.Flush();
        writer.Dispose();
        Assert.Equal([1, 2], EventFileReader.Read(Events(path)).Skip(1).Select(read => read.Step));
    }

    [Fact]
    public void Wrong_input_is_named()
    {
        using TensorBoardWriter writer = new(folder.Path);

        Assert.Contains("'x' got 1 values, none of them finite",
            Assert.Throws<ArgumentException>(() => writer.Histogram("x", 0, [float.NaN])).Message, StringComparison.Ordinal);
        Assert.Contains("image 'x' are neither a PNG nor a JPEG file; the first are 474946",
            Assert.Throws<ArgumentException>(() => writer.Image("x", 0, 1, 1, "GIF"u8)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Scalar("x", -1, 0));
        Assert.Throws<ArgumentException>(() => writer.Scalar(" ", 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TensorBoardWriter(folder.Path, -1));
        Assert.Contains("1 … 10,000 bins; got 0",
            Assert.Throws<ArgumentException>(() => writer.Histogram("x", 0, new Histogram(0, 1, [], 0))).Message, StringComparison.Ordinal);
    }

    private List<Event> Written(Action<TensorBoardWriter> write, Func<string, TensorBoardWriter>? open = null)
    {
        string path = folder.File($"{written++}");
        using TensorBoardWriter writer = open is null ? new TensorBoardWriter(path) : open(path);
        write(writer);
        writer.Dispose();
        return EventFileReader.Read(Events(path));
    }

    private static string Events(string path) => Directory.GetFiles(path, "events.out.*").Single();

    private Summary.Types.Value Value(Action<TensorBoardWriter> write) => Written(write)[1].Summary.Value.Single();

    // The writer has its file open; a reader takes a copy of what is there.
    private string Copied(string path)
    {
        string copy = folder.File("copy");
        using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using FileStream target = File.Create(copy);
        source.CopyTo(target);
        return copy;
    }
}
