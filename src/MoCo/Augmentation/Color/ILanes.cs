namespace MoCo.Augmentation.Color;

/// <summary>Some pixels' values of one channel side by side, as floats: what a color formula is written in once, for every
/// width that a machine has and for one pixel at a time.</summary>
/// <remarks>All arithmetic is IEEE single precision, so that every width gives the same bytes. <see cref="MultiplyAdd"/> alone
/// may round once or twice: it stands only where both give the same byte.</remarks>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf Of(float value);

    static abstract TSelf Load(ref byte first, int index);

    /// <summary>Writes bytes, fractions cut off. The values must lie in 0 … 255.</summary>
    static abstract void Store(TSelf values, ref byte first, int index);

    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    static abstract TSelf Truncate(TSelf value);

    /// <summary>left · right + addend.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>Lane by lane, <paramref name="yes"/> where <paramref name="left"/> is below <paramref name="right"/>, else <paramref name="no"/>.</summary>
    static abstract TSelf WhereLess(TSelf left, TSelf right, TSelf yes, TSelf no);

    static abstract float Sum(TSelf values);
}
