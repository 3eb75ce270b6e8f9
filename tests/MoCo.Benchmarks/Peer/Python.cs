using System.Text;

namespace MoCo.Benchmarks.Peer;

/// <summary>A Python that has PyTorch and torchvision.</summary>
internal sealed class Python
{
    private const string Question = "import torch, torchvision; print(torch.__version__)";

    private Python(string program, string version) => (Program, Version) = (program, version);

    public string Program { get; }

    /// <summary>The version of its PyTorch.</summary>
    public string Version { get; }

    /// <summary>Takes the one that the user names, else the first that will do of $MOCO_PYTHON, python3 and /usr/bin/python3.</summary>
    /// <exception cref="BenchmarkException">None will do; the message says why not, one by one.</exception>
    public static Python Find(string? named)
    {
        string? variable = Environment.GetEnvironmentVariable("MOCO_PYTHON");
        string[] candidates = named is not null ? [named] : string.IsNullOrEmpty(variable) ? ["python3", "/usr/bin/python3"] : [variable];
        StringBuilder reasons = new();
        foreach (string candidate in candidates)
        {
            Child? child = Child.Run(candidate, ["-c", Question]);
            if (child is { Exit: 0 }) return new Python(candidate, child.Output.Trim());
            reasons.Append($"\n  {candidate}: {child?.LastError ?? "no such program"}");
        }
        throw new BenchmarkException($"Comparing needs a Python with PyTorch and torchvision. Tried:{reasons}\n" +
            "On Debian: apt-get install python3-torch python3-torchvision. Another one: --python PATH, or the variable MOCO_PYTHON.");
    }
}
