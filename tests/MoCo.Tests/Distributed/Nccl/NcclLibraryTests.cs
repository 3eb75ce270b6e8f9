using MoCo.Distributed;
using MoCo.Distributed.Nccl;

namespace MoCo.Tests.Distributed.Nccl;

/// <summary>Where NCCL and CUDA's runtime are looked for, and what is said where they are not.</summary>
public sealed class NcclLibraryTests
{
    private static readonly bool HasGpu = TorchSharp.torch.cuda.is_available();

    [Fact]
    public void The_CUDA_libtorch_comes_first_then_the_systems_library()
        => Assert.Equal(["libtorch_cuda.so", "libnccl.so.2"], NcclLibrary.FilesFor(null));

    [Fact]
    public void A_file_that_is_named_is_the_only_one() => Assert.Equal(["/opt/nccl.so"], NcclLibrary.FilesFor("/opt/nccl.so"));

    [Fact]
    public void NCCL_is_found_beside_a_GPU_else_every_file_that_was_looked_for_is_named()
    {
        if (HasGpu)
        {
            Assert.StartsWith("NCCL 2.", NcclLibrary.Load().Version, StringComparison.Ordinal);
            return;
        }
        string message = Assert.Throws<ProcessGroupException>(NcclLibrary.Load).Message;
        Assert.StartsWith("NCCL, by which ranks on GPUs talk, is not to be found: libtorch_cuda.so: cannot open", message,
            StringComparison.Ordinal);
        Assert.Contains("; libnccl.so.2: cannot open", message, StringComparison.Ordinal);
        Assert.EndsWith("Install libnccl2 for the CUDA of this libtorch, or name its file in MOCO_NCCL.", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void CUDA_is_found_beside_a_GPU_else_every_file_that_was_looked_for_is_named()
    {
        if (HasGpu)
        {
            Assert.NotNull(CudaRuntime.Load());
            return;
        }
        string message = Assert.Throws<ProcessGroupException>(CudaRuntime.Load).Message;
        Assert.All(["libtorch_cuda.so", "libcudart.so.12", "libcudart.so.13"],
            file => Assert.Contains($"{file}: cannot open", message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_the_functions_is_passed_over()
    {
        string message = Assert.Throws<ProcessGroupException>(
            () => SharedObject.First("ncclCommInitRank", ["libc.so.6", "libnone.so.9"], "None", "Advice.")).Message;
        Assert.Equal("None: libc.so.6 shows no ncclCommInitRank; libnone.so.9: cannot open shared object file: No such file or directory. "
            + "Advice.", message);
        (nint library, string file) = SharedObject.First("getpid", ["libnone.so.9", "libc.so.6"], "None", "Advice.");
        Assert.Equal("libc.so.6", file);
        Assert.NotEqual(0, SharedObject.Function(library, "getpid"));
        Assert.Equal(0, SharedObject.Function(library, "ncclCommInitRank"));
    }

    [Fact]
    public void A_missing_function_is_named()
    {
        Assert.Equal("x.so has no ncclRecv; expected NCCL 2.10 or later.", Assert.Throws<ProcessGroupException>(
            () => new NcclLibrary("x.so", name => name == "ncclRecv" ? 0 : StandIn.Find(name))).Message);
        Assert.Equal("x.so has no cudaEventQuery; expected the runtime of CUDA 11 or later.", Assert.Throws<ProcessGroupException>(
            () => new CudaRuntime("x.so", name => name == "cudaEventQuery" ? 0 : StandIn.Find(name))).Message);
    }

    [Fact]
    public void NCCL_before_2_13_has_no_last_words()
        => Assert.Equal("error 5",
            new NcclLibrary("x.so", name => name == "ncclGetLastError" ? 0 : StandIn.Find(name)).Describe(5));

    [Fact]
    public void Where_libtorch_does_not_tell_its_stream_it_is_the_default_one()
    {
        Assert.Equal(77, new CudaRuntime("x.so", StandIn.Find).CurrentStream(0));
        Assert.Equal(0, new CudaRuntime("x.so", name => name.StartsWith("aoti", StringComparison.Ordinal) ? 0 : StandIn.Find(name))
            .CurrentStream(0));
    }

    [Theory]
    [InlineData(2_408, "2.4.8")]
    [InlineData(2_804, "2.8.4")]
    [InlineData(20_902, "2.9.2")]
    [InlineData(22_705, "2.27.5")]
    [InlineData(30_000, "3.0.0")]
    public void Versions_are_read_as_nccl_h_codes_them(int code, string expected)
        => Assert.Equal(expected, NcclLibrary.VersionText(code));
}
