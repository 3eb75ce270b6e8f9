using System.Collections;

namespace MoCo.Data.Shards;

/// <summary>The images of one rank's part of an epoch, drawn through a shuffle buffer of the places where they lie.</summary>
/// <param name="bufferLength">Places among which the next is drawn.</param>
/// <param name="random">Draws them.</param>
/// <param name="count">Images of this rank.</param>
internal abstract class ShuffledReader<T>(int bufferLength, SampleRandom random, long count) : IGivenAway
{
    private readonly T[] buffer = new T[bufferLength];
    private SampleRandom random = random;
    private bool passEnded, passGave;
    private int buffered;
    private long left = count;

    public EncodedImage Current { get; } = new();

    object IEnumerator.Current => Current;

    public bool IsGivenAway => true;

    /// <summary>Whether what is drawn is passed over.</summary>
    protected bool Skipping { get; private set; }

    /// <summary>Whether the buffer holds more than the next image.</summary>
    protected bool IsShuffled => buffer.Length > 1;

    /// <summary>What waits to be drawn, as much as will be.</summary>
    protected Span<T> Waiting => buffer.AsSpan(0, left > 0 ? buffered : 0);

    public bool MoveNext()
    {
        if (left == 0) return false;
        T place = Draw();
        left--;
        Read(place, Current);
        return true;
    }

    public void Reset() => throw new NotSupportedException();

    public abstract void Dispose();

    /// <summary>Passes over images, by their places alone.</summary>
    protected void Skip(long skip)
    {
        Skipping = true;
        for (; skip > 0 && left > 0; skip--, left--) Draw();
        Skipping = false;
    }

    /// <summary>Reads the image that lies at a place.</summary>
    protected abstract void Read(T place, EncodedImage into);

    /// <summary>Finds the next place of a pass in the stream's own order.</summary>
    protected abstract bool Next(out T place);

    /// <summary>Goes back to the beginning of the part.</summary>
    protected abstract void StartOver();

    /// <summary>The error of a part without any image.</summary>
    protected abstract InvalidDataException Empty();

    private T Draw()
    {
        while (true)
        {
            while (!passEnded && buffered < buffer.Length)
            {
                if (Next(out T found)) buffer[buffered++] = found;
                else passEnded = true;
            }
            if (buffered > 0)
            {
                int at = buffered == 1 ? 0 : random.NextInt32(buffered);
                T drawn = buffer[at];
                (buffer[at], buffer[--buffered]) = (buffer[buffered], default!);
                passGave = true;
                return drawn;
            }
            // A pass is emptied before the next begins, so no image comes twice before all have come once.
            if (!passGave) throw Empty();
            (passEnded, passGave) = (false, false);
            StartOver();
        }
    }
}
