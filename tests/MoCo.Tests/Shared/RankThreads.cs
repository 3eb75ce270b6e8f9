using System.Runtime.ExceptionServices;

namespace MoCo.Tests.Shared;

/// <summary>Ranks that are threads of one process.</summary>
internal static class RankThreads
{
    /// <summary>Runs something on each of so many ranks, and gives what came of it in rank order; throws what one of them threw.</summary>
    /// <param name="ranks">How many.</param>
    /// <param name="work">What each does.</param>
    /// <param name="stop">Called where one has failed, so that the others need not wait for it.</param>
    public static T[] Run<T>(int ranks, Func<int, T> work, Action? stop = null)
    {
        T[] results = new T[ranks];
        Exception?[] errors = Catch(ranks, rank => results[rank] = work(rank), stop);
        // The others only waited in vain for the one that failed.
        Exception? first = errors.FirstOrDefault(error => error is not (null or OperationCanceledException))
            ?? errors.FirstOrDefault(error => error is not null);
        if (first is not null) ExceptionDispatchInfo.Throw(first);
        return results;
    }

    /// <summary>Runs something on each of so many ranks, and gives what each threw.</summary>
    public static Exception?[] Catch(int ranks, Action<int> work, Action? stop = null)
    {
        Exception?[] errors = new Exception?[ranks];
        Thread[] threads = [.. Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
        {
            try
            {
                work(rank);
            }
            catch (Exception error)
            {
                errors[rank] = error;
                stop?.Invoke();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return errors;
    }
}
