using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after another. The results in between are its own, and are disposed.</summary>
public partial class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.IModule<Tensor, Tensor>> _modules = [];
    private readonly List<string> _names = [];

    // The real package reports libtorch's class here.
    internal Sequential() : base("torch::nn::SequentialImpl") { }

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
    {
        foreach (var (key, module) in modules)
            Add(key, module);
    }

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
    {
        foreach (var module in modules)
            Add(module);
    }

    public int Count => _modules.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _modules[index];

    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? _modules.Count);

    [IndexerName("SequentialItems")]
    public Sequential this[Range index] => Slice(index.Start.GetOffset(_modules.Count), index.End.GetOffset(_modules.Count));

    public Sequential append(nn.IModule<Tensor, Tensor> module)
    {
        Add(module);
        return this;
    }

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        Add(name, module);
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        if (_modules.Count == 0)
            return tensor.alias();

        var current = _modules[0].call(tensor);
        for (int i = 1; i < _modules.Count; i++)
        {
            var next = _modules[i].call(current);
            current.Dispose();
            current = next;
        }
        return current;
    }

    internal void Add(nn.IModule<Tensor, Tensor> module) => Add($"{_modules.Count}", module);

    internal void Add(string name, nn.IModule<Tensor, Tensor> module)
    {
        _modules.Add(module);
        _names.Add(name);
    }

    private Sequential Slice(int start, int end)
    {
        if (start < 0 || start > _modules.Count)
            throw new IndexOutOfRangeException($"{start} is not a valid index.");
        if (end < 0 || end > _modules.Count)
            throw new IndexOutOfRangeException($"{end} is not a valid index.");

        var slice = new Sequential();
        for (int i = start; i < end; i++)
            slice.Add(_names[i], _modules[i]);
        return slice;
    }
}
