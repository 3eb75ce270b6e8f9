using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

/// <summary>A dictionary that remembers the order in which its keys came: the order of a module's components.</summary>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)>
{
    private readonly List<(TKey, TValue)> _entries = [];
    private readonly Dictionary<TKey, TValue> _values = [];

    public int Count => _entries.Count;

    public bool IsReadOnly => false;

    public ICollection<TKey> Keys => _entries.ConvertAll(entry => entry.Item1);

    public ICollection<TValue> Values => _entries.ConvertAll(entry => entry.Item2);

    public TValue this[TKey key]
    {
        get => _values[key];
        set
        {
            _values[key] = value;
            int index = IndexOf(key);
            if (index >= 0)
                _entries[index] = (key, value);
            else
                _entries.Add((key, value));
        }
    }

    public (TKey, TValue) this[int index]
    {
        get => _entries[index];
        set
        {
            _entries[index] = value;
            _values[value.Item1] = value.Item2;
        }
    }

    public void Add(TKey key, TValue value)
    {
        _values.Add(key, value);
        _entries.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        _values.Add(item.Item1, item.Item2);
        _entries.Insert(index, item);
    }

    public bool Remove(TKey key)
    {
        if (!_values.Remove(key))
            return false;
        _entries.RemoveAt(IndexOf(key));
        return true;
    }

    public bool Remove((TKey, TValue) item) => _entries.Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index)
    {
        var (key, _) = _entries[index];
        _entries.RemoveAt(index);
        _values.Remove(key);
    }

    public void clear() => Clear();

    public void Clear()
    {
        _entries.Clear();
        _values.Clear();
    }

    public bool ContainsKey(TKey key) => _values.ContainsKey(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);

    public bool Contains((TKey, TValue) item) => _entries.Contains(item);

    public bool Contains(KeyValuePair<TKey, TValue> item) => _values.ContainsKey(item.Key);

    public int IndexOf((TKey, TValue) item) => _entries.IndexOf(item);

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (var (key, value) in _entries)
            array[arrayIndex++] = new(key, value);
    }

    public IEnumerator<(TKey, TValue)> items() => GetEnumerator();

    public IEnumerable<TKey> keys() => Keys;

    public IEnumerable<TValue> values() => Values;

    public IEnumerator<(TKey, TValue)> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator()
    {
        foreach (var (key, value) in _entries)
            yield return new(key, value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(TKey key) => _entries.FindIndex(entry => EqualityComparer<TKey>.Default.Equals(entry.Item1, key));
}
