using TorchSharp.Native;

namespace TorchSharp;

// random integers, permutations and single numbers
public static partial class torch
{
    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null, string[] names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null, string[] names = null) =>
        Make(Aten.randint_low_generator, [low, high, size, generator], dtype ?? ScalarType.Int64, device, requires_grad, names);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Make(Aten.randperm_generator, [n, generator], dtype ?? ScalarType.Int64, device, requires_grad, null);

    public static Tensor normal(Tensor mean, Tensor std, Generator generator = null) => Aten.normal_Tensor_Tensor.Invoke(mean, std, generator);

    public static double rand_float(Generator generator = null)
    {
        using Tensor number = rand(1L, generator: generator);
        return number.ToDouble();
    }

    public static double randn_float(Generator generator = null)
    {
        using Tensor number = randn(1L, generator: generator);
        return number.ToDouble();
    }

    public static int randint_int(int high, Generator generator = null) => randint_int(0, high, generator);

    public static int randint_int(int low, int high, Generator generator = null) => (int)randint_long(low, high, generator);

    public static long randint_long(long high, Generator generator = null) => randint_long(0, high, generator);

    public static long randint_long(long low, long high, Generator generator = null)
    {
        using Tensor number = randint(low, high, [1L], generator: generator);
        return number.ToInt64();
    }
}
