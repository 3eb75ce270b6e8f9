using System.Collections.Concurrent;
using System.Diagnostics;

namespace MoCo.Reporting.TensorBoard;

/// <summary>An event file and the one thread that writes it, so that training never waits for the disk unless the queue is full.</summary>
internal sealed class EventFile : IDisposable
{
    private readonly BlockingCollection<Item> queue;
    private readonly Thread thread;
    private readonly TimeSpan flushInterval;

    // The thread's own, until it has ended.
    private readonly FileStream stream;
    private bool dirty;

    private volatile Exception? failure;

    public EventFile(string path, int capacity, TimeSpan flushInterval, FileMode mode = FileMode.CreateNew)
    {
        Path = path;
        this.flushInterval = flushInterval;
        queue = new BlockingCollection<Item>(capacity);
        stream = new FileStream(path, mode, FileAccess.Write, FileShare.Read, 1 << 16);
        thread = new Thread(Run) { IsBackground = true, Name = "TensorBoard writer" };
        thread.Start();
    }

    public string Path { get; }

    /// <exception cref="IOException">An earlier event couldn't be written.</exception>
    public void Add(byte[] record) => Put(new Item(record, null));

    public void Flush()
    {
        using ManualResetEventSlim done = new();
        Put(new Item(null, done));
        done.Wait();
        ThrowIfFailed();
    }

    public void Dispose()
    {
        if (!queue.IsAddingCompleted) queue.CompleteAdding();
        thread.Join();
        queue.Dispose();
    }

    private void Put(Item item)
    {
        ThrowIfFailed();
        queue.Add(item);
    }

    private void ThrowIfFailed()
    {
        if (failure is Exception cause) throw new IOException($"The event file '{Path}' can't be written: {cause.Message}", cause);
    }

    private void Run()
    {
        long flushed = Stopwatch.GetTimestamp();
        while (!queue.IsCompleted)
        {
            TimeSpan left = flushInterval - Stopwatch.GetElapsedTime(flushed);
            // Without unflushed events there is nothing to wake up for.
            bool taken = queue.TryTake(out Item item, dirty ? (int)Math.Max(0, left.TotalMilliseconds) : Timeout.Infinite);
            if (taken && item.Record is byte[] record) Try(() => RecordFraming.Write(stream, record), true);
            if (!taken || item.Flushed is not null || Stopwatch.GetElapsedTime(flushed) >= flushInterval)
            {
                Try(stream.Flush, false);
                flushed = Stopwatch.GetTimestamp();
            }
            item.Flushed?.Set();
        }
        Try(stream.Dispose, false);
    }

    // After a failure the file may end within an event: nothing may follow it, yet the queue is emptied, so that no caller waits for ever.
    private void Try(Action action, bool leavesDirty)
    {
        if (failure is not null) return;
        try
        {
            action();
            dirty = leavesDirty;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            failure = cause;
            dirty = false;
        }
    }

    private readonly record struct Item(byte[]? Record, ManualResetEventSlim? Flushed);
}
