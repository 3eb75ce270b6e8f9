using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Lets libtorch find a step's activations on a CPU where the step before left theirs: tensors of a megabyte and more lie in a
/// <see cref="BlockPool"/>.</summary>
/// <remarks>libtorch asks the C library for each tensor. glibc gives large ones pages of their own and back to the system when they are
/// freed, so that a step takes its activations anew and the system clears every page of them: a fifth of a ResNet-50's step. Kept in
/// glibc's heap they leave gaps in which an aligned block of the same size does not fit, up to four fifths of the activations. libtorch
/// has a place for another allocator, <c>c10::SetCPUAllocator</c>; TorchSharp does not reach it, so its C++ object is made here: a copy
/// of the table of functions of libtorch's own, with <c>allocate</c> and <c>raw_deleter</c> replaced. Everything that this takes for
/// granted is looked at first, and where anything differs (another system, processor or libtorch) libtorch is left as it is. So it is
/// where the switch <see cref="SwitchName"/> is false before libtorch is loaded.</remarks>
internal static unsafe partial class TensorMemory
{
    /// <summary>The <see cref="AppContext"/> switch; true where it is not set.</summary>
    public const string SwitchName = "MoCo.PoolTensors";

    /// <summary>Bytes from which a tensor lies in the pool.</summary>
    internal const long Least = 1 << 20;

    // c10::Allocator's virtual functions behind its two destructors, and what lies before them in a table: offset, type.
    private const int Allocate = 2, IsSimple = 3, RawDeleter = 4, Functions = 6, Before = 2;

    private static readonly Lazy<bool> Done = new(Install);

    private static BlockPool? pool;
    private static void** original;
    private static delegate* unmanaged<void*, void> originalDeleter;

    /// <summary>The pool; null where libtorch was left as it is.</summary>
    public static BlockPool? Pool => pool;

    /// <summary>To be called when libtorch is loaded, not before; acts once.</summary>
    /// <returns>Whether large tensors lie in the pool from now on.</returns>
    public static bool Use() => Done.Value;

    private static bool Install()
    {
        if (AppContext.TryGetSwitch(SwitchName, out bool wanted) && !wanted) return false;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return false;
        nint library = Loaded("libc10.so");
        if (library == 0
            || !NativeLibrary.TryGetExport(library, "_ZN3c1015GetCPUAllocatorEv", out nint current)
            || !NativeLibrary.TryGetExport(library, "_ZN3c1015SetCPUAllocatorEPNS_9AllocatorEh", out nint set)
            || !NativeLibrary.TryGetExport(library, "_ZTVN3c1019DefaultCPUAllocatorE", out nint table)
            || !NativeLibrary.TryGetExport(library, "_ZNK3c109Allocator18is_simple_data_ptrERKNS_7DataPtrE", out nint isSimple))
            return false;

        void** allocator = ((delegate* unmanaged<void**>)current)();
        void** functions = (void**)table + Before;
        if (*allocator != functions || functions[IsSimple] != (void*)isSimple) return false;
        if (!IsLaidOutAsExpected(allocator)) return false;

        // Addresses cost nothing; four times the memory leaves room for every gap.
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        pool = BlockPool.Reserve(Math.Max(memory, 1L << 30) / 4096 * 4096 * 4);
        if (pool is null) return false;

        void** copy = (void**)NativeMemory.Alloc((nuint)(Before + Functions + 1), (nuint)sizeof(void*));
        for (int i = 0; i < Before + Functions; i++) copy[i] = ((void**)table)[i];
        copy[Before + Allocate] = (delegate* unmanaged<DataPointer*, void*, nuint, DataPointer*>)&Take;
        copy[Before + RawDeleter] = (delegate* unmanaged<void*, void*>)&Deleter;
        void** made = copy + Before + Functions; // the object: a pointer to its functions, and no fields
        *made = copy + Before;
        original = allocator;
        originalDeleter = (delegate* unmanaged<void*, void>)((delegate* unmanaged<void*, void*>)functions[RawDeleter])(allocator);
        ((delegate* unmanaged<void*, byte, void>)set)(made, 1);
        return true;
    }

    /// <summary>A library that the process has, and no other of that name that the system may have.</summary>
    internal static nint Loaded(string name)
    {
        const int Now = 2, NoLoad = 4;
        return Open(name, Now | NoLoad);
    }

    /// <summary>Whether a small block of libtorch's own allocator is described as <see cref="DataPointer"/> has it.</summary>
    private static bool IsLaidOutAsExpected(void** allocator)
    {
        void** functions = (void**)*allocator;
        DataPointer pointer = default;
        void* deleter = ((delegate* unmanaged<void*, void*>)functions[RawDeleter])(allocator);
        ((delegate* unmanaged<DataPointer*, void*, nuint, DataPointer*>)functions[Allocate])(&pointer, allocator, 64);
        bool expected = pointer.Data != null && pointer.Data == pointer.Context && pointer.Deleter == deleter
            && pointer.Device == DataPointer.Cpu;
        if (expected) ((delegate* unmanaged<void*, void>)deleter)(pointer.Context);
        return expected;
    }

    /// <summary>c10::Allocator::allocate: small tensors are libtorch's.</summary>
    [UnmanagedCallersOnly]
    private static DataPointer* Take(DataPointer* result, void* self, nuint bytes)
    {
        void* block = bytes >= (nuint)Least ? pool!.Take((long)bytes) : null;
        if (block == null)
        {
            void* allocate = ((void**)*original)[Allocate];
            return ((delegate* unmanaged<DataPointer*, void*, nuint, DataPointer*>)allocate)(result, original, bytes);
        }
        *result = new DataPointer
        {
            Data = block,
            Deleter = (delegate* unmanaged<void*, void>)&Give,
            Context = block,
            Device = DataPointer.Cpu,
        };
        return result;
    }

    /// <summary>c10::Allocator::raw_deleter: what frees any block, for callers that keep nothing but its address.</summary>
    [UnmanagedCallersOnly]
    private static void* Deleter(void* self) => (delegate* unmanaged<void*, void>)&Give;

    [UnmanagedCallersOnly]
    private static void Give(void* block)
    {
        if (pool!.Holds(block)) pool.Give(block);
        else originalDeleter(block);
    }

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string name, int mode);

    /// <summary>c10::DataPtr: the data, and a std::unique_ptr to what is deleted with them, in libstdc++'s order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct DataPointer
    {
        /// <summary>c10::Device: type 0, index −1.</summary>
        public const ushort Cpu = 0xFF00;

        public void* Data;
        public void* Deleter;
        public void* Context;
        public ushort Device;
    }
}
