using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MoCo.Tensors.Safetensors;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Training.Checkpoints;

/// <summary>Damaged checkpoints and options are refused by an error that says so, and a trainer that was to load one stands as
/// before.</summary>
public sealed class CheckpointMutationTests : IDisposable
{
    private static readonly MoCoOptions Small = TrainerFixture.Options with
    {
        Encoder = TrainerFixture.Options.Encoder with { Width = 0.0625, EmbeddingDimension = 8 },
        Queue = TrainerFixture.Options.Queue with { Length = 32 }
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Half of the files are sealed again after the damage, so that it gets past the digest.</summary>
    [Fact]
    public void A_damaged_checkpoint_is_refused_and_leaves_the_trainer_as_it_was_or_is_whole()
    {
        using MoCoTrainer trainer = ResumeTests.Start(Small);
        string start = folder.File("start.ckpt"), path = folder.File("run.ckpt");
        trainer.Save(start);
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        byte[] whole = File.ReadAllBytes(start);
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole), refused = 0, taken = 0;
        for (int seed = 0; seed < MutationCount.Or(500); seed++)
        {
            // The header is a fiftieth of the file, and has all that can be misunderstood.
            byte[] mutant = [.. Imaging.Mutations.Mutate([whole[..header]], seed, ""), .. whole[header..]];
            if (seed % 5 == 0) mutant = Imaging.Mutations.Mutate([whole], seed, "");
            if (seed % 2 == 1) Seal(mutant);
            File.WriteAllBytes(path, mutant);
            Exception? error = Record.Exception(() => trainer.Load(path));
            Assert.True(error is null or InvalidDataException, $"mutation {seed}: {error}");
            if (error is not null)
            {
                refused++;
                continue;
            }
            taken++;
            trainer.Load(start);
        }
        Snapshot.Same(before, Snapshot.Of(trainer));
        Assert.InRange(refused, MutationCount.Or(500) / 2, MutationCount.Or(500));
        Assert.InRange(taken, 1, MutationCount.Or(500));
    }

    [Fact]
    public void Damaged_options_of_a_checkpoint_are_refused_or_are_options()
    {
        byte[] whole = Encoding.UTF8.GetBytes(StoredOptions.Write(Small));
        int refused = 0;
        for (int seed = 0; seed < MutationCount.Or(500); seed++)
        {
            string json = Encoding.UTF8.GetString(Imaging.Mutations.Mutate([whole], seed, ""));
            try
            {
                StoredOptions.Read<MoCoOptions>("run.ckpt", json, options => options.Validate()).Validate();
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith(
                    "run.ckpt holds options that this version does not understand: ", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, MutationCount.Or(500) / 2, MutationCount.Or(500) - 1);
    }

    /// <summary>Puts the digest of what the file now is into its header, if there is still a place for it.</summary>
    private static void Seal(byte[] file)
    {
        int place = file.AsSpan().IndexOf("\"sha256\":\""u8) + "\"sha256\":\"".Length;
        if (place < "\"sha256\":\"".Length || place + 64 > file.Length) return;
        Encoding.ASCII.GetBytes(SafetensorsWriter.EmptyDigest).CopyTo(file, place);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(file))).CopyTo(file, place);
    }
}
