using System.Collections.Concurrent;
using System.Diagnostics;

namespace MoCo.Reporting.TensorBoard;

/// <summary>An event file and the one thread that writes it, so that training never waits for the disk unless the queue is full. Events
/// that the disk does not take wait for the next try.</summary>
internal sealed class EventFile : IDisposable
{
    private const int MostWaiting = 1 << 16;

    private readonly BlockingCollection<Item> queue;
    private readonly Thread thread;
    private readonly TimeSpan flushInterval;

    // The thread's own, until it has ended.
    private readonly GrowingFile file;
    private readonly MemoryStream framed = new();

    private volatile Exception? failure;

    public EventFile(string path, int capacity, TimeSpan flushInterval, FileMode mode = FileMode.CreateNew)
    {
        this.flushInterval = flushInterval;
        queue = new BlockingCollection<Item>(capacity);
        file = new GrowingFile(path, mode);
        thread = new Thread(Run) { IsBackground = true, Name = "TensorBoard writer" };
        thread.Start();
    }

    public string Path => file.Path;

    /// <exception cref="IOException">An earlier event couldn't be written yet; this one waits with it.</exception>
    public void Add(byte[] record)
    {
        queue.Add(new Item(record, null));
        ThrowIfFailed();
    }

    public void Flush()
    {
        using ManualResetEventSlim done = new();
        queue.Add(new Item(null, done));
        done.Wait();
        ThrowIfFailed();
    }

    public void Dispose()
    {
        if (!queue.IsAddingCompleted) queue.CompleteAdding();
        thread.Join();
        queue.Dispose();
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
            bool taken = queue.TryTake(out Item item, file.Waiting > 0 ? (int)Math.Max(0, left.TotalMilliseconds) : Timeout.Infinite);
            if (taken && item.Record is byte[] record) Take(record);
            bool isFull = failure is null && file.Waiting > MostWaiting;
            if (isFull || !taken || item.Flushed is not null || Stopwatch.GetElapsedTime(flushed) >= flushInterval)
            {
                Write();
                flushed = Stopwatch.GetTimestamp();
            }
            item.Flushed?.Set();
        }
        Write();
        file.Dispose();
    }

    private void Take(byte[] record)
    {
        framed.SetLength(0);
        RecordFraming.Write(framed, record);
        file.Add(framed.GetBuffer().AsSpan(0, (int)framed.Length));
    }

    private void Write()
    {
        try
        {
            file.Flush();
            failure = null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            failure = cause;
        }
    }

    private readonly record struct Item(byte[]? Record, ManualResetEventSlim? Flushed);
}
