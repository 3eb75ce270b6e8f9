using MoCo.Tests.Imaging;

namespace MoCo.Tests;

/// <summary>What tests run in a process of its own; the test runner does not come through here.</summary>
internal static class Program
{
    public static int Main(string[] args) => args is [MutationProgram.Name, .. var rest] ? MutationProgram.Run(rest) : 2;
}
