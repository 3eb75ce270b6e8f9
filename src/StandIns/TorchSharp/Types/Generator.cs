using System;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public class Generator : IDisposable
    {
        private readonly GeneratorHandle handle;

        public Generator(ulong seed = 0, Device device = null)
            : this(new GeneratorHandle(Shim.moco_generator_new(seed, (device ?? CPU).Bits)), device ?? CPU)
        {
        }

        private Generator(GeneratorHandle handle, Device device)
        {
            if (handle.IsInvalid) Shim.ThrowLastError();
            this.handle = handle;
            this.device = device;
        }

        public static Generator Default => new(new GeneratorHandle(Shim.moco_generator_default()), CPU);

        public Device device { get; private set; }

        public nint Handle => handle.IsClosed ? 0 : handle.DangerousGetHandle();

        public Tensor get_state()
        {
            nint state = Shim.moco_generator_state(Open());
            GC.KeepAlive(this);
            return Tensor.Wrap(state);
        }

        public void set_state(Tensor value)
        {
            Shim.Check(Shim.moco_generator_set_state(Open(), value is null ? 0 : value.Handle));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public Generator manual_seed(long seed)
        {
            Shim.Check(Shim.moco_generator_set_seed(Open(), seed));
            return this;
        }

        public long seed()
        {
            long seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        public long initial_seed()
        {
            long seed = Shim.moco_generator_initial_seed(Open());
            GC.KeepAlive(this);
            return seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing) => handle.Dispose();

        /// <summary>The native generator; one that is disposed throws.</summary>
        internal nint Open()
        {
            ObjectDisposedException.ThrowIf(handle.IsClosed, this);
            return handle.DangerousGetHandle();
        }

        private sealed class GeneratorHandle : SafeHandle
        {
            internal GeneratorHandle(nint native)
                : base(0, true) => SetHandle(native);

            public override bool IsInvalid => handle == 0;

            protected override bool ReleaseHandle()
            {
                Shim.moco_generator_free(handle);
                return true;
            }
        }
    }
}
