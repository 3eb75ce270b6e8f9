using System.Reflection;
using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Loads TorchSharp's native library, or says in one message why it cannot be loaded and what to do.</summary>
/// <remarks>Whatever here makes the first tensor calls it. An application that calls <see cref="torch"/> before that may call it first:
/// TorchSharp's own loader prints a page, copies whatever libtorch it finds in the package cache (490 MB) beside the program, and fails in
/// a type initialiser.
/// <para>On Linux it also fixes three options of the process's heap (glibc's <c>mallopt</c>): blocks of 12 MiB and more get pages of their
/// own, 64 MiB stay when the heap shrinks, and threads share as many heaps as there are processors, 2 to 8. Left alone, glibc moves the
/// first and gives memory back and takes it again in every step.
/// glibc's environment variables, or the <see cref="AppContext"/> switch <c>MoCo.TuneNativeHeap</c> set to false, keep it from that.</para>
/// <para>On Linux with an x64 processor tensors of a megabyte and more on the CPU lie in a pool that keeps their memory for the next ones,
/// until an epoch ends; the switch <c>MoCo.PoolTensors</c> set to false keeps it from that.</para>
/// </remarks>
public static class TorchLibrary
{
    private const string Name = "LibTorchSharp";

    private static volatile bool isLoaded;

    /// <summary>Does nothing but the first time.</summary>
    /// <exception cref="DllNotFoundException">The library or one that it needs cannot be loaded.</exception>
    public static void Load()
    {
        if (!isLoaded) LoadFirst();
    }

    /// <summary>Loads the library before a module's base constructor does, and passes the module's name on.</summary>
    internal static string LoadFor(string module)
    {
        Load();
        return module;
    }

    private static void LoadFirst()
    {
        NativeHeap.Tune();
        Assembly torchSharp = typeof(torch).Assembly;
        try
        {
            NativeLibrary.Load(Name, torchSharp, null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            // In a notebook every package's files lie in the package's own folder, and TorchSharp gathers them.
            if (!IsInPackageFolder(torchSharp))
                throw new DllNotFoundException(new TorchLoadError(error.Message, RuntimeInformation.RuntimeIdentifier).Message, error);
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        _ = TensorMemory.Use();
        isLoaded = true;
    }

    /// <summary>…/torchsharp/0.107.0/lib/net8.0/TorchSharp.dll.</summary>
    private static bool IsInPackageFolder(Assembly torchSharp)
        => torchSharp.Location.Split('/', '\\') is [.., string package, _, "lib", _, _]
            && package.Equals("torchsharp", StringComparison.OrdinalIgnoreCase);
}
