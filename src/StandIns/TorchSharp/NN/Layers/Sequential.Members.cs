using static TorchSharp.torch;

namespace TorchSharp.Modules;

// The members live in the list and not in the registry, so that every walk over the tree goes through the list.
public partial class Sequential
{
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        var seen = new HashSet<IntPtr> { IntPtr.Zero };
        foreach (var (key, module) in recurse ? named_children() : [])
        {
            foreach (var (inner, parameter) in module.named_parameters(true))
            {
                if (seen.Add(HandleOf(parameter)))
                    yield return ($"{key}.{inner}", parameter);
            }
        }
    }

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
    {
        var seen = new HashSet<IntPtr> { IntPtr.Zero };
        foreach (var (key, module) in recurse ? named_children() : [])
        {
            foreach (var (inner, buffer) in module.named_buffers(true, include_persistent))
            {
                if (seen.Add(HandleOf(buffer)))
                    yield return ($"{key}.{inner}", buffer);
            }
        }
    }

    public override IEnumerable<(string name, nn.Module module)> named_children()
    {
        for (int i = 0; i < _modules.Count; i++)
            yield return (_names[i], (nn.Module)_modules[i]);
    }

    public override IEnumerable<(string name, nn.Module module)> named_modules()
    {
        foreach (var child in named_children())
            yield return child;
        foreach (var (key, module) in named_children())
        {
            foreach (var (inner, descendant) in module.named_modules())
                yield return ($"{key}.{inner}", descendant);
        }
    }

    public override nn.Module apply(Action<nn.Module> fn)
    {
        foreach (var (_, module) in named_children())
            module.apply(fn);
        fn(this);
        return this;
    }

    public override void train(bool on = true) => base.train(on);

    public override void eval() => base.eval();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var (_, module) in named_children())
                module.Dispose();
        }
        base.Dispose(disposing);
    }

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, module) in named_children())
            module._to(dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, module) in named_children())
            module._to(device, dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        foreach (var (_, module) in named_children())
            module._to(deviceType, deviceIndex, non_blocking);
        return this;
    }
}
