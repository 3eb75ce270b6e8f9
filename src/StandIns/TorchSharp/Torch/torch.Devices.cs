using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU, -1);

    public static readonly Device META = new(DeviceType.META, -1);

    private static Device defaultDevice = CPU;
    private static Device cudaDevice;

    public static Device CUDA => cudaDevice ??= InitializeDevice(new Device(DeviceType.CUDA, -1));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    public static Device get_default_device() => defaultDevice;

    public static void set_default_device(Device device) => defaultDevice = device;

    public static void set_default_device(string device) => defaultDevice = torch.device(device);

    public static Device InitializeDevice(Device device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType)) throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CUDA => cuda.is_available(),
        DeviceType.MPS => false,
        _ => true,
    };

    public static bool cuda_is_available() => cuda.is_available();

    public static partial class cuda
    {
        public static bool is_available() => Shim.moco_cuda_is_available() != 0;

        public static bool is_cudnn_available() => Shim.moco_cudnn_is_available() != 0;

        public static int device_count() => Shim.moco_cuda_device_count();

        public static void manual_seed(long seed) => Shim.Check(Shim.moco_cuda_manual_seed(seed, 0));

        public static void manual_seed_all(long seed) => Shim.Check(Shim.moco_cuda_manual_seed(seed, 1));

        public static void synchronize(Device device = null) => Shim.Check(Shim.moco_cuda_synchronize(device?.index ?? -1));
    }

    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                public static bool allow_tf32
                {
                    get => Shim.IsTrue(Shim.moco_allow_tf32_matmul());
                    set => Shim.Check(Shim.moco_allow_tf32_matmul_set(value ? 1 : 0));
                }
            }
        }

        public static partial class cudnn
        {
            public static bool allow_tf32
            {
                get => Shim.IsTrue(Shim.moco_allow_tf32_cudnn());
                set => Shim.Check(Shim.moco_allow_tf32_cudnn_set(value ? 1 : 0));
            }
        }
    }
}
