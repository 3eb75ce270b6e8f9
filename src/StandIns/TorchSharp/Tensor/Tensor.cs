using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor : IDisposable
    {
        private TensorHandle handle;

        internal Tensor(nint native, bool register = true)
            : this(new TensorHandle(native), register)
        {
        }

        internal Tensor(TensorHandle handle, bool register = true)
        {
            this.handle = handle;
            if (register) OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
        }

        public static long TotalCount => TensorHandle.Live;

        public static long PeakCount => TensorHandle.Peak;

        public nint Handle
        {
            get
            {
                nint address = handle.Address;
                if (address == 0) throw new InvalidOperationException("Tensor invalid -- empty handle.");
                return address;
            }
        }

        public bool IsInvalid => handle.Address == 0;

#nullable enable annotations
        public string? name { get; set; }
#nullable restore annotations

        internal DisposeScope OwningDisposeScope { get; set; }

        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        /// <summary>Wraps a handle that a shim function gave; zero with an error waiting throws, without one means no tensor.</summary>
        internal static Tensor Wrap(nint native)
        {
            if (native != 0) return new Tensor(native);
            Shim.ThrowLastError();
            return null;
        }

        public nint DecoupleFromNativeHandle()
        {
            _ = Handle;
            return handle.Decouple();
        }

        /// <summary>Takes the handle out, leaving this tensor invalid: a parameter is made of it.</summary>
        internal TensorHandle MoveHandle()
        {
            TensorHandle moved = handle;
            handle = TensorHandle.Closed;
            return moved;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is not null) OwningDisposeScope.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        [Obsolete("The method name misspells 'Detach.' Use 'DetachFromDisposeScope' instead.", false)]
        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (IsInvalid) return;
            DisposeScopeManager.ThreadSingleton.DisposingOnCurrentScope(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            handle.Dispose();
        }

        /// <summary>Runs an in-place operator: its result is this very object.</summary>
        private Tensor Within(Operator @operator, params ReadOnlySpan<Value> arguments)
        {
            @operator.Run(arguments);
            return this;
        }
    }
}
