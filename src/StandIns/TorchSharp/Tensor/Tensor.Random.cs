using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // filling with random numbers
    public partial class Tensor
    {
        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator generator = null) => Within(Aten.normal_, this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator generator = null) => Within(Aten.uniform_, this, from, to, generator);
        public Tensor bernoulli(Generator generator = null) => Aten.bernoulli.Invoke(this, generator);
        public Tensor bernoulli_(Tensor p, Generator generator = null) => Within(Aten.bernoulli__Tensor, this, p, generator);
        public Tensor bernoulli_(double p = 0.5, Generator generator = null) => Within(Aten.bernoulli__float, this, p, generator);
        public Tensor exponential_(double lambda = 1.0, Generator generator = null) => Within(Aten.exponential_, this, lambda, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator generator = null) => Aten.multinomial.Invoke(this, num_samples, replacement, generator);
        public Tensor random_(double from, double to, Generator generator = null) => Within(Aten.random__from, this, (long)from, (long)to, generator);
    }
}
