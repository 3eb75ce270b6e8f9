namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Every parameter once, by its dotted name; own ones first.</summary>
            public virtual IEnumerable<(string name, Modules.Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (key, parameter) in _internal_params)
                {
                    if (seen.Add(HandleOf(parameter)))
                        yield return (key, parameter);
                }
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (key, parameter) in module.named_parameters(true))
                    {
                        if (seen.Add(HandleOf(parameter)))
                            yield return ($"{child}.{key}", parameter);
                    }
                }
            }

            public virtual IEnumerable<Modules.Parameter> parameters(bool recurse = true)
                => named_parameters(recurse).Select(named => named.parameter);

            /// <summary>
            /// Every persistent buffer once, by its dotted name. The real package leaves non-persistent
            /// buffers out whatever <paramref name="include_nonpersistent"/> says.
            /// </summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (key, (buffer, persistent)) in _internal_buffers)
                {
                    if (persistent && seen.Add(HandleOf(buffer)))
                        yield return (key, buffer);
                }
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (key, buffer) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(HandleOf(buffer)))
                            yield return ($"{child}.{key}", buffer);
                    }
                }
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(named => named.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(named => named.module);

            /// <summary>Every submodule by its dotted name: the children first, then theirs; without this module itself.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _internal_submodules)
                    yield return child;
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (key, descendant) in module.named_modules())
                        yield return ($"{child}.{key}", descendant);
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual bool has_buffer(string target)
                => _internal_buffers.ContainsKey(target)
                    || (TryDescend(target, out var child, out string rest) && child.has_buffer(rest));

            public virtual bool has_parameter(string target)
                => _internal_params.ContainsKey(target)
                    || (TryDescend(target, out var child, out string rest) && child.has_parameter(rest));

#nullable enable annotations
            public virtual Tensor? get_buffer(string target)
#nullable restore annotations
            {
                ArgumentNullException.ThrowIfNull(target);
                if (_internal_buffers.TryGetValue(target, out var entry))
                    return entry.Item1;
                return TryDescend(target, out var child, out string rest) ? child.get_buffer(rest) : null;
            }

#nullable enable annotations
            public virtual Modules.Parameter? get_parameter(string target)
#nullable restore annotations
            {
                if (_internal_params.TryGetValue(target, out var parameter))
                    return parameter;
                return TryDescend(target, out var child, out string rest) ? child.get_parameter(rest) : null;
            }

            protected virtual (string name, Modules.Parameter parameter)[] _named_parameters() => [.. named_parameters()];

            protected virtual (string name, Tensor buffer)[] _named_buffers() => [.. named_buffers()];

            protected virtual Modules.Parameter[] _parameters(bool recurse = true) => [.. parameters(recurse)];

            /// <summary>Splits "layer1.0.weight" into the child "layer1" and what is left of the path.</summary>
            private bool TryDescend(string target, out Module child, out string rest)
            {
                int dot = target.IndexOf('.', StringComparison.Ordinal);
                string first = dot < 0 ? null : target[..dot];
                child = first is null ? null : named_children().FirstOrDefault(named => named.name == first).module;
                rest = child is null ? null : target[(dot + 1)..];
                return child is not null;
            }

            internal static IntPtr HandleOf(Tensor tensor) => tensor.IsInvalid ? IntPtr.Zero : tensor.Handle;
        }
    }
}
