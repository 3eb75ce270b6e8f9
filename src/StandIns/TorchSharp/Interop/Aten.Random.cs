namespace TorchSharp.Native;

internal static partial class Aten
{
    internal static readonly Operator bernoulli = new("aten::bernoulli");
    internal static readonly Operator bernoulli__Tensor = new("aten::bernoulli_", "Tensor");
    internal static readonly Operator bernoulli__float = new("aten::bernoulli_", "float");
    internal static readonly Operator exponential_ = new("aten::exponential_");
    internal static readonly Operator multinomial = new("aten::multinomial");
    internal static readonly Operator normal_ = new("aten::normal_");
    internal static readonly Operator random__from = new("aten::random_", "from");
    internal static readonly Operator uniform_ = new("aten::uniform_");
}
