using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting.TensorBoard;

namespace MoCo.Reporting;

/// <summary>Writes an event file that TensorBoard shows: scalars, histograms, images, texts, hyperparameters. Events are handed to one
/// thread, which writes and flushes them every few seconds and when the writer is disposed. Members may be called from several
/// threads.</summary>
public sealed class TensorBoardWriter : IDisposable
{
    private readonly EventFile file;
    private bool disposed;

    /// <summary>Starts a new event file in a folder, made if missing. A run that goes on writes another file into it.</summary>
    /// <param name="folder">The run's folder, to be given to <c>tensorboard --logdir</c>.</param>
    /// <param name="resumedStep">The checkpoint's step where a run goes on: TensorBoard then forgets what earlier files of the folder say
    /// of later steps. Null for a new run.</param>
    /// <exception cref="ArgumentException">The folder's name is empty, or the step negative.</exception>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public TensorBoardWriter(string folder, long? resumedStep = null)
        : this(folder, resumedStep, TimeSpan.FromSeconds(5))
    {
    }

    /// <param name="folder">The run's folder.</param>
    /// <param name="resumedStep">The checkpoint's step, or null.</param>
    /// <param name="flushInterval">The longest time that a written event waits before the disk has it.</param>
    /// <param name="queueCapacity">Events that may wait for the writing thread before a caller does.</param>
    internal TensorBoardWriter(string folder, long? resumedStep, TimeSpan flushInterval, int queueCapacity = 1000)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (resumedStep is long given) ArgumentOutOfRangeException.ThrowIfNegative(given, nameof(resumedStep));
        Directory.CreateDirectory(folder);
        // Readers take the files of a folder in the order of their names: the time first, and a number against two in one second.
        string name = FormattableString.Invariant(
            $"events.out.tfevents.{(long)Now:D10}.{Environment.MachineName}.{Environment.ProcessId}");
        int number = 0;
        while (File.Exists(Path.Combine(folder, $"{name}.{number}"))) number++;
        file = new EventFile(Path.Combine(folder, $"{name}.{number}"), queueCapacity, flushInterval);
        file.Add(EventMessages.FileVersion(Now).Bytes.ToArray());
        if (resumedStep is long step) file.Add(EventMessages.Restart(Now, step + 1).Bytes.ToArray());
    }

    private static double Now => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Adds a point to a curve.</summary>
    /// <param name="tag">The curve's name; what stands before a slash groups curves.</param>
    /// <param name="step">The training step.</param>
    /// <param name="value">The value, kept as a 32-bit float; may be not finite, which TensorBoard marks.</param>
    /// <exception cref="IOException">Earlier events couldn't be written yet (a full disk, say); this one waits with them, and all are
    /// written when there is space. So it is with every event.</exception>
    public void Scalar(string tag, long step, double value) => Add(step, EventMessages.Scalar(Checked(tag), value));

    /// <summary>Adds a histogram of values, in bins of equal width from the least to the greatest.</summary>
    /// <param name="tag">The histogram's name.</param>
    /// <param name="step">The training step.</param>
    /// <param name="values">At least one; those not finite are left out.</param>
    /// <param name="bins">Bins, 1 … 10,000.</param>
    /// <exception cref="ArgumentException">No value is finite.</exception>
    public void Histogram(string tag, long step, ReadOnlySpan<float> values, int bins = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, 10_000);
        double least = double.PositiveInfinity, most = double.NegativeInfinity, sum = 0, squares = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) continue;
            least = Math.Min(least, value);
            most = Math.Max(most, value);
            sum += value;
            squares += (double)value * value;
        }
        if (least > most)
        {
            string message = $"A histogram needs at least one finite value; '{tag}' got {values.Length} values, none of them finite.";
            throw new ArgumentException(message, nameof(values));
        }
        // One value only: a bin must have a width.
        double width = most > least ? (most - least) / bins : Math.Max(Math.Abs(most), 1) * 1e-6;
        long[] counts = new long[bins];
        foreach (float value in values)
            if (float.IsFinite(value)) counts[Math.Min(bins - 1, (int)((value - least) / width))]++;
        Histogram histogram = new(least, least + bins * width, counts, sum / counts.Sum());
        Add(step, EventMessages.Histogram(Checked(tag), histogram, most, squares));
    }

    /// <summary>Adds a histogram that was counted already. Its values' squares are taken to lie in the middle of the bins.</summary>
    /// <param name="tag">The histogram's name.</param>
    /// <param name="step">The training step.</param>
    /// <param name="histogram">At most 10,000 bins.</param>
    /// <exception cref="ArgumentException">There are no bins, a count is negative, or the bounds are not finite and ascending.</exception>
    public void Histogram(string tag, long step, Histogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        histogram.Checked(nameof(histogram));
        double half = (histogram.Edge(1) - histogram.Lowest) / 2;
        double squares = histogram.Counts.Select((count, bin) => count * Math.Pow(histogram.Edge(bin) + half, 2)).Sum();
        Add(step, EventMessages.Histogram(Checked(tag), histogram, histogram.Highest, squares));
    }

    /// <summary>Adds an image.</summary>
    /// <param name="tag">The image's name.</param>
    /// <param name="step">The training step.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="encoded">The bytes of a PNG or JPEG file.</param>
    /// <exception cref="ArgumentException">The bytes are neither.</exception>
    public void Image(string tag, long step, int width, int height, ReadOnlySpan<byte> encoded)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        _ = ImageType.Of(encoded, $"the image '{tag}'");
        Add(step, EventMessages.Image(Checked(tag), width, height, encoded));
    }

    /// <summary>Adds a text, which TensorBoard reads as Markdown.</summary>
    /// <param name="tag">The text's name.</param>
    /// <param name="step">The training step.</param>
    /// <param name="markdown">The text.</param>
    public void Text(string tag, long step, string markdown)
    {
        ArgumentNullException.ThrowIfNull(markdown);
        Add(step, EventMessages.Text(Checked(tag), markdown));
    }

    /// <summary>Adds the run's line to the HPARAMS table. Once a run.</summary>
    /// <param name="options">Names and values: booleans and numbers as such, anything else by its text.</param>
    /// <param name="metrics">Tags of the scalars to stand beside them.</param>
    public void Hyperparameters(IReadOnlyDictionary<string, object> options, params IReadOnlyCollection<string> metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        Add(0, HyperparameterMessages.Of(options, metrics, Now));
    }

    /// <summary>Returns when everything added so far is in the file.</summary>
    /// <exception cref="IOException">Something couldn't be written.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        file.Flush();
    }

    /// <summary>Writes what is left and closes the file. Call <see cref="Flush"/> first to learn of a full disk.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        file.Dispose();
    }

    private static string Checked(string tag)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        return tag;
    }

    private void Add(long step, params ReadOnlySpan<ProtobufMessage> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        file.Add(EventMessages.Event(Now, step, values).Bytes.ToArray());
    }
}
