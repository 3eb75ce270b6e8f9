using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using MoCo.Encoders;
using MoCo.Interop;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>The program as its users start it: a command line in, an exit code and files out. Beside an encoder lie images of 8×8 to
/// learn from and to measure with.</summary>
public abstract class EvaluateTests : IDisposable
{
    private protected readonly TemporaryFolder folder = new();

    protected EvaluateTests()
    {
        Write("train", 64);
        Write("t10k", 32);
        Directory.CreateDirectory(folder.File("checkpoints"));
        using Encoder encoder = Encoder.Create(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImage,
                InputChannels = 1,
                Width = 0.0625,
                EmbeddingDimension = 8
            });
        encoder.SaveEncoder(Weights);
        encoder.SaveBackbone(folder.File("bare.safetensors"));
    }

    private protected string Weights => folder.File("checkpoints/encoder.safetensors");

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected JsonNode Inspected(string file)
    {
        Assert.Equal(0, Run("inspect", file, "--json", folder.File("inspected.json")));
        return JsonNode.Parse(File.ReadAllText(folder.File("inspected.json")))!["facts"]!;
    }

    private protected static int Run(params string[] arguments)
    {
        // As in a process of the program's own, which knows no other culture.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return (int)Assembly.Load("evaluate").EntryPoint!.Invoke(null, [arguments])!;
    }

    /// <summary>Images of 8×8, dark ones of class 0 and bright ones of class 1, with a little noise.</summary>
    private protected void Write(string part, int count)
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, .. new byte[64 * count]],
            labels = [0, 0, 8, 1, 0, 0, 0, 0, .. new byte[count]];
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), count);
        Random random = new(count);
        for (int image = 0; image < count; image++)
        {
            labels[8 + image] = (byte)(image % 2);
            for (int i = 0; i < 64; i++) images[16 + (64 * image) + i] = (byte)((image % 2 == 0 ? 20 : 220) + random.Next(20));
        }
        folder.Write($"{part}-images-idx3-ubyte", images);
        folder.Write($"{part}-labels-idx1-ubyte", labels);
    }
}
