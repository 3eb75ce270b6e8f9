using System.Collections;

namespace MoCo.Validation;

/// <summary>A list in a record of options: a copy, which does not change with the list that it was made of, and equal to another of the
/// same content, so that records of equal options are equal.</summary>
internal sealed class OptionList<T> : IReadOnlyList<T>
{
    private readonly T[] items;

    private OptionList(IEnumerable<T> items) => this.items = [.. items];

    public int Count => items.Length;

    public T this[int index] => items[index];

    /// <summary>Null stays null, for the check of the options to find.</summary>
    public static OptionList<T> Of(params IEnumerable<T> items) => items is null ? null! : new(items);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is OptionList<T> other && items.SequenceEqual(other.items);

    public override int GetHashCode() => items.Aggregate(0, HashCode.Combine);
}
