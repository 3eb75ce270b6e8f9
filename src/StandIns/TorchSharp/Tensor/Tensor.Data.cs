using System;
using System.IO;
using TorchSharp.Native;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    // the numbers in a tensor, and its bytes
    public unsafe partial class Tensor
    {
        /// <summary>The elements' bytes where they lie: written through, contiguous and on the CPU only.</summary>
        public Span<byte> bytes
        {
            get
            {
                long total = NumberOfElements * ElementSize;
                CheckContiguousOnCpu();
                if (total > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>(DataPointer(), (int)total);
            }

            set
            {
                if (!is_contiguous()) throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (NumberOfElements * ElementSize != value.Length) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(new Span<byte>(DataPointer(), value.Length));
            }
        }

        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        public T ReadCpuValue<T>(long i) where T : unmanaged => TensorAccessor<T>.ReadItemAt(this, i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public static Tensor Load(BinaryReader reader) => TensorExtensionMethods.Load(reader);

        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream);
            return Load(reader);
        }

        public static Tensor Load(string location) => Load(File.OpenRead(location));

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            CheckContiguousOnCpu();
            byte* next = DataPointer();
            for (long left = NumberOfElements * ElementSize; left > 0;)
            {
                int count = (int)Math.Min(left, Math.Max(bufferSize, 1 << 20));
                stream.Write(new ReadOnlySpan<byte>(next, count));
                next += count;
                left -= count;
            }
            GC.KeepAlive(this);
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            CheckContiguousOnCpu();
            byte* next = DataPointer();
            for (long left = NumberOfElements * ElementSize; left > 0;)
            {
                int count = stream.Read(new Span<byte>(next, (int)Math.Min(left, Math.Max(bufferSize, 1 << 20))));
                if (count == 0) throw new EndOfStreamException();
                next += count;
                left -= count;
            }
            GC.KeepAlive(this);
        }

        internal byte* DataPointer()
        {
            nint pointer = Shim.moco_tensor_data(Handle);
            GC.KeepAlive(this);
            if (pointer == 0) Shim.ThrowLastError();
            return (byte*)pointer;
        }

        internal void ValidateType(Type type)
        {
            Type expected = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Bool => typeof(bool),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.ComplexFloat32 => typeof((float, float)),
                ScalarType.ComplexFloat64 => typeof(System.Numerics.Complex),
                ScalarType other => throw new ArgumentException($"No support for {other} in TorchSharp"),
            };
            if (type != expected) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        private void CheckContiguousOnCpu()
        {
            if (!is_contiguous()) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            if (device_type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }
    }
}
