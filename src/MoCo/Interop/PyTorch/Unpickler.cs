using System.Numerics;

namespace MoCo.Interop.PyTorch;

/// <summary>What a name of Python's stands for.</summary>
/// <param name="module">Where it is from.</param>
/// <param name="name">The name.</param>
/// <param name="isWhole">Whether the pickle begins with it, so that its content is one object of that name.</param>
internal delegate object? FindGlobal(string module, string name, bool isWhole);

/// <summary>A pickle machine that builds plain values and calls nothing but the functions that it is given by name. Knows the opcodes of
/// the binary protocols 2 to 5 that hold data; those that make objects of arbitrary classes are refused. Values: null, bool, long, double,
/// <see cref="BigInteger"/>, string, byte[], tuples as object[], lists and sets as <see cref="List{T}"/>, dictionaries as
/// <see cref="OrderedDictionary{TKey,TValue}"/>.</summary>
/// <remarks>Written by hand: a library's reader would take memory before it is asked whether it may, and know no limits.</remarks>
internal sealed class Unpickler(
    PickleReader reader, FindGlobal findGlobal, Func<object?, object?>? persistentLoad = null)
{
    /// <summary>Objects and memo entries that one pickle may make; two ResNet-152 with an optimizer take 75,000.</summary>
    public const int ObjectLimit = 1_000_000;

    private const int LongLimit = 1024;
    private readonly List<object?> stack = [];
    private readonly List<int> marks = [];
    private readonly Dictionary<long, object?> memo = [];
    private int objects;

    /// <summary>Reads one pickle to its stop.</summary>
    /// <exception cref="FormatException">It is damaged, asks for too much, or names something that is not allowed.</exception>
    public object? Load()
    {
        while (true)
        {
            byte code = reader.Byte();
            switch (code)
            {
                case 0x80: Protocol(reader.Byte()); break;
                case 0x95: reader.Int64(); break;                                  // FRAME
                case (byte)'.': return Stop();

                case (byte)'(': marks.Add(stack.Count); Count(); break;            // MARK
                case (byte)'0': Pop(); break;                                      // POP
                case (byte)'1': PopToMark(); break;
                case (byte)'2': Push(Peek()); break;                               // DUP

                case (byte)'N': Push(null); break;
                case 0x88: Push(true); break;
                case 0x89: Push(false); break;
                case (byte)'J': Push((long)reader.Int32()); break;
                case (byte)'K': Push((long)reader.Byte()); break;
                case (byte)'M': Push((long)reader.UInt16()); break;
                case 0x8a: PushLong(reader.Byte()); break;
                case 0x8b: PushLong(reader.UInt32()); break;
                case (byte)'G': Push(reader.Double()); break;

                case (byte)'X': Push(reader.Text(reader.UInt32())); break;         // BINUNICODE
                case 0x8c: Push(reader.Text(reader.Byte())); break;
                case 0x8d: Push(reader.Text(reader.Int64())); break;
                case (byte)'T': Push(reader.Text(reader.Int32())); break;          // BINSTRING of Python 2
                case (byte)'U': Push(reader.Text(reader.Byte())); break;
                case (byte)'B': Push(reader.Take(reader.UInt32())); break;         // BINBYTES
                case (byte)'C': Push(reader.Take(reader.Byte())); break;
                case 0x8e or 0x96: Push(reader.Take(reader.Int64())); break;       // BINBYTES8, BYTEARRAY8

                case (byte)')': Push(Array.Empty<object?>()); break;
                case (byte)'t': Push(PopToMark()); break;
                case 0x85: Push(Pop(1)); break;
                case 0x86: Push(Pop(2)); break;
                case 0x87: Push(Pop(3)); break;
                case (byte)']' or 0x8f: Push(new List<object?>()); break;          // EMPTY_LIST, EMPTY_SET
                case (byte)'l' or 0x91: Push(new List<object?>(PopToMark())); break; // LIST, FROZENSET
                case (byte)'a': Append(Pop(1)); break;
                case (byte)'e' or 0x90: Append(PopToMark()); break;                // APPENDS, ADDITEMS
                case (byte)'}': Push(NewDictionary()); break;
                case (byte)'d': { object?[] items = PopToMark(); Push(NewDictionary()); SetItems(items); break; }
                case (byte)'s': SetItems(Pop(2)); break;
                case (byte)'u': SetItems(PopToMark()); break;

                case (byte)'q': Remember(reader.Byte()); break;
                case (byte)'r': Remember(reader.UInt32()); break;
                case 0x94: Remember(memo.Count); break;
                case (byte)'h': Push(Recall(reader.Byte())); break;
                case (byte)'j': Push(Recall(reader.UInt32())); break;

                case (byte)'c': Push(Global(reader.Line(), reader.Line())); break;
                case 0x93: { object?[] names = Pop(2); Push(Global(Name(names[0]), Name(names[1]))); break; }
                case (byte)'R': Reduce(); break;
                case (byte)'b': Build(); break;
                case (byte)'Q': Push(LoadPersistent(Pop())); break;
                default:
                    throw new FormatException(
                        $"its pickle has the operation 0x{code:X2} at byte {reader.Position - 1}, which this reader does not carry out");
            }
        }
    }

    internal static OrderedDictionary<object, object?> NewDictionary() => [];

    /// <summary>The first name of a file that is one object, which the legacy format puts between marks as a "module".</summary>
    private object? Global(string module, string name) => findGlobal(module, name, isWhole: stack is [] or ["module"]);

    private object? Stop() => stack.Count == 1 && marks.Count == 0
        ? stack[0]
        : throw new FormatException($"its pickle stops with {stack.Count} values; expected 1");

    private object? LoadPersistent(object? id) => persistentLoad is null
        ? throw new FormatException("its pickle refers to something outside itself")
        : persistentLoad(id);

    private static void Protocol(byte version)
    {
        if (version is < 2 or > 5) throw new FormatException($"its pickle has protocol {version}; expected 2 to 5");
    }

    private static string Name(object? value)
        => value as string ?? throw new FormatException("its pickle names a global by something that is no text");

    private void PushLong(long count)
    {
        if (count > LongLimit) throw new FormatException($"its pickle has a number of {count} bytes; expected up to {LongLimit}");
        BigInteger value = new(reader.Take(count));
        if (value < long.MinValue || value > long.MaxValue) Push(value);
        else Push((long)value);
    }

    private void Count(int more = 1)
    {
        objects = checked(objects + more);
        if (objects > ObjectLimit) throw new FormatException($"its pickle holds more than {ObjectLimit} objects");
    }

    private void Push(object? value)
    {
        Count();
        stack.Add(value);
    }

    private int Floor => marks.Count > 0 ? marks[^1] : 0;

    private object? Peek() => stack.Count > Floor ? stack[^1] : throw Underflow();

    private object? Pop()
    {
        object? top = Peek();
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private object?[] Pop(int count)
    {
        if (stack.Count - Floor < count) throw Underflow();
        return PopFrom(stack.Count - count);
    }

    private object?[] PopToMark()
    {
        if (marks.Count == 0) throw Underflow();
        int mark = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        return PopFrom(mark);
    }

    private object?[] PopFrom(int start)
    {
        object?[] items = [.. stack[start..]];
        stack.RemoveRange(start, stack.Count - start);
        return items;
    }

    private FormatException Underflow() => new($"its pickle takes a value at byte {reader.Position - 1} that it never gave");

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list) throw new FormatException("its pickle appends to something that is no list");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not OrderedDictionary<object, object?> dictionary || items.Length % 2 != 0)
            throw new FormatException("its pickle sets an item of something that is no dictionary");
        for (int i = 0; i < items.Length; i += 2)
        {
            if (items[i] is not (string or long or double or bool))
            {
                string type = items[i]?.GetType().Name ?? "None";
                throw new FormatException($"its pickle has a dictionary with a key that is {type}; expected text or a number");
            }
            dictionary[items[i]!] = items[i + 1];
        }
    }

    private void Remember(long index)
    {
        Count();
        memo[index] = Peek();
    }

    private object? Recall(long index)
        => memo.TryGetValue(index, out object? value)
            ? value
            : throw new FormatException($"its pickle recalls entry {index}, which it never made");

    private void Reduce()
    {
        object?[] call = Pop(2);
        if (call is not [PickleFunction function, object?[] arguments])
            throw new FormatException("its pickle calls something that is no function");
        object? result = function.Call(arguments);
        // A copy of a recalled list costs few bytes of pickle and much memory.
        Count((result as System.Collections.ICollection)?.Count ?? 0);
        Push(result);
    }

    /// <summary>The attributes of an OrderedDict (a state_dict's <c>_metadata</c>) are left out; nothing else has any.</summary>
    private void Build()
    {
        Pop();
        if (Peek() is not OrderedDictionary<object, object?>)
            throw new FormatException("its pickle sets attributes of something that is no dictionary");
    }
}
