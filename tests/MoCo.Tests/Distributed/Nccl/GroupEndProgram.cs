using MoCo.Distributed.Nccl;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed.Nccl;

/// <summary>A process that joins a group and ends in one way or another.</summary>
internal static class GroupEndProgram
{
    /// <summary>The first argument that starts it.</summary>
    public const string Name = "group-end";

    public static int Run(string[] task)
    {
        NcclProcessGroup group = StandIn.Join(0, 1, StandIn.NewId(), TimeSpan.FromSeconds(0.3), mayEnd: true);
        group.EndWithTheProcess();
        int code = int.Parse(task[1]);
        switch (task[0])
        {
            case "complete":
                group.Complete();
                break;
            case "exit":
                Environment.Exit(code);
                break;
            case "hang":
                StandIn.Hangs = true;
                using (Tensor values = zeros(3)) group.AllReduceSum(values);
                Thread.Sleep(TimeSpan.FromSeconds(30));
                break;
        }
        return code;
    }
}
