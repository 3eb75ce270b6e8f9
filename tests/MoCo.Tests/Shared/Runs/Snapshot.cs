using System.Security.Cryptography;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>A digest of every tensor of a run, of torch's random state and of where the run stands: equal only bit for bit.</summary>
internal static class Snapshot
{
    public static SortedDictionary<string, string> Of(MoCoTrainer trainer)
    {
        using DisposeScope scope = NewDisposeScope();
        SortedDictionary<string, string> digests = new(StringComparer.Ordinal)
        {
            ["position"] = $"step {trainer.StepCount}, epoch {trainer.Epoch}, batch {trainer.Batch}",
            ["rng"] = Digest(RandomState.Copy()),
        };
        foreach ((string name, Tensor value) in trainer.Method.state_dict()) digests.Add(name, Digest(value));
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("run"));
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("run"));
        foreach ((string name, StoredTensor value) in file.Tensors)
            if (name.StartsWith("optimizer.", StringComparison.Ordinal)) digests.Add(name, Digest(value.Read()));
        return digests;
    }

    public static void Same(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        string[] different = [.. expected.Where(entry => actual[entry.Key] != entry.Value)
            .Select(entry => $"{entry.Key} ({entry.Value} → {actual[entry.Key]})")];
        Assert.True(different.Length == 0, $"{different.Length} of {expected.Count} differ: {string.Join(", ", different.Take(8))}");
    }

    private static string Digest(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.AllBytes()))[..16];
}
