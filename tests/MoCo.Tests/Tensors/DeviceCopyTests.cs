using MoCo.Tensors;
using TorchSharp;

namespace MoCo.Tests.Tensors;

public sealed class DeviceCopyTests
{
    [Theory]
    [InlineData(DeviceType.CUDA, true)]
    [InlineData(DeviceType.CPU, false)]
    [InlineData(DeviceType.MPS, false)]
    [InlineData(DeviceType.META, false)]
    public void Only_CUDA_copies_behind_the_caller_s_back(DeviceType device, bool may) =>
        Assert.Equal(may, DeviceCopy.MayBeAsynchronous(device));

    [Fact]
    public void Every_copy_to_a_device_takes_the_same_way()
    {
        // On another device memory would be used again while it is read.
        IEnumerable<string> others = Directory.GetFiles(Repository.File("src", "MoCo"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "DeviceCopy.cs")
            .Where(file => File.ReadAllText(file).Contains("non_blocking: true", StringComparison.Ordinal));
        Assert.Empty(others);
    }
}
