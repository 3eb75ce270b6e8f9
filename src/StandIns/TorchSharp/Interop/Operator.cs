using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Native;

/// <summary>
/// One operator of libtorch, looked up once by name and overload. Arguments left out at the end
/// take the defaults of the operator's schema.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int ScratchLength = 48;

    private nint handle;

    /// <summary>Calls it and wraps its one tensor; null where that is undefined.</summary>
    internal Tensor Invoke(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Expect(1, Call(arguments, &result, 1));
        return Wrap(result);
    }

    /// <summary>Calls it for its effect alone: an in-place operator's result is the tensor given.</summary>
    internal void Run(params ReadOnlySpan<Value> arguments) => Call(arguments, null, 0);

    internal (Tensor, Tensor) InvokePair(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[2];
        Expect(2, Call(arguments, results, 2));
        return (Wrap(results[0]), Wrap(results[1]));
    }

    internal (Tensor, Tensor, Tensor) InvokeTriple(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[3];
        Expect(3, Call(arguments, results, 3));
        return (Wrap(results[0]), Wrap(results[1]), Wrap(results[2]));
    }

    /// <summary>Calls it and wraps all of its tensors, those in lists included.</summary>
    internal Tensor[] InvokeMany(params ReadOnlySpan<Value> arguments)
    {
        const int few = 8;
        NativeValue* results = stackalloc NativeValue[few];
        long count = Call(arguments, results, few);
        var tensors = new Tensor[count];
        for (int i = 0; i < Math.Min(count, few); i++) tensors[i] = Wrap(results[i]);
        if (count > few)
        {
            var rest = new NativeValue[count - few];
            fixed (NativeValue* pointer = rest) Shim.moco_take_results(pointer);
            for (int i = 0; i < rest.Length; i++) tensors[few + i] = Wrap(rest[i]);
        }
        return tensors;
    }

    internal bool InvokeBool(params ReadOnlySpan<Value> arguments) => InvokeNumber(arguments).Integer != 0;

    internal long InvokeLong(params ReadOnlySpan<Value> arguments) => InvokeNumber(arguments).Integer;

    /// <summary>Calls an operator whose result is a number, integral, real or Boolean.</summary>
    internal Scalar InvokeScalar(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result = InvokeNumber(arguments);
        return result.Kind switch
        {
            ValueKind.Double => result.Real,
            ValueKind.Bool => result.Integer != 0,
            _ => result.Integer,
        };
    }

    private NativeValue InvokeNumber(ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        Expect(1, Call(arguments, &result, 1));
        return result;
    }

    private static Tensor Wrap(in NativeValue value) => value.Pointer == null ? null : new Tensor((nint)value.Pointer);

    private void Expect(long expected, long found)
    {
        if (found != expected) throw new InvalidOperationException($"{name}.{overload} gave {found} results; expected {expected}.");
    }

    [SkipLocalsInit]
    private long Call(ReadOnlySpan<Value> arguments, NativeValue* results, long capacity)
    {
        if (handle == 0) handle = Resolve();
        NativeValue* native = stackalloc NativeValue[arguments.Length];
        long* memory = stackalloc long[ScratchLength];
        var scratch = new Scratch(memory, ScratchLength);
        long count;
        try
        {
            for (int i = 0; i < arguments.Length; i++) Marshal(in arguments[i], ref native[i], ref scratch);
            count = Shim.moco_operator_call(handle, native, arguments.Length, results, capacity);
        }
        finally
        {
            scratch.Release();
        }
        // the collector must not free an argument while native code reads it
        for (int i = 0; i < arguments.Length; i++) GC.KeepAlive(arguments[i].Reference);
        if (count < 0) Shim.ThrowLastError();
        return count;
    }

    private static void Marshal(in Value value, ref NativeValue native, ref Scratch scratch)
    {
        native.Kind = value.Kind;
        switch (value.Kind)
        {
            case ValueKind.Tensor:
                native.Pointer = (void*)Unsafe.As<Tensor>(value.Reference).Handle;
                break;
            case ValueKind.Generator:
                native.Pointer = (void*)Unsafe.As<Generator>(value.Reference).Open();
                break;
            case ValueKind.IntList:
                scratch.Copy<long>((long[])value.Reference, ref native);
                break;
            case ValueKind.DoubleList:
                scratch.Copy<double>((double[])value.Reference, ref native);
                break;
            case ValueKind.BoolList:
                scratch.Copy<bool>((bool[])value.Reference, ref native);
                break;
            case ValueKind.ComplexPair:
                scratch.Copy<double>((double[])value.Reference, ref native);
                break;
            case ValueKind.String:
                scratch.Copy<byte>(Encoding.UTF8.GetBytes((string)value.Reference), ref native);
                break;
            case ValueKind.TensorList:
                var tensors = (Tensor[])value.Reference;
                nint* handles = (nint*)scratch.Take(tensors.Length * sizeof(nint));
                for (int i = 0; i < tensors.Length; i++) handles[i] = tensors[i] is null ? 0 : tensors[i].Handle;
                native.Pointer = handles;
                native.Length = tensors.Length;
                break;
            default:
                native.Integer = value.Bits;
                break;
        }
    }

    private nint Resolve()
    {
        nint found = Shim.moco_operator_find(name, overload);
        if (found == 0) Shim.ThrowLastError();
        return found;
    }

    /// <summary>Memory for the lists of one call: the caller's stack, and the native heap for what does not fit.</summary>
    private ref struct Scratch(long* memory, int length)
    {
        private readonly long* memory = memory;
        private int used;
        private void* heap;

        internal void Copy<T>(ReadOnlySpan<T> list, ref NativeValue native) where T : unmanaged
        {
            void* copy = Take(list.Length * sizeof(T));
            list.CopyTo(new Span<T>(copy, list.Length));
            native.Pointer = copy;
            native.Length = list.Length;
        }

        internal void* Take(int bytes)
        {
            int words = (bytes + 7) / 8;
            if (used + words <= length)
            {
                void* taken = memory + used;
                used += words;
                return taken;
            }
            // blocks form a chain: the first word of each leads to the one before
            void** block = (void**)NativeMemory.Alloc((nuint)(words + 1) * 8);
            *block = heap;
            heap = block;
            return block + 1;
        }

        internal void Release()
        {
            while (heap != null)
            {
                void* before = *(void**)heap;
                NativeMemory.Free(heap);
                heap = before;
            }
        }
    }
}
