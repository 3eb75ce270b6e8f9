using System.IO.Compression;
using MoCo.Encoders;
using MoCo.Evaluation.Search;
using MoCo.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>What is given as weights and is none says what it is, whatever it is called and whoever reads it.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private const string Weights = "weights, as a safetensors file or as PyTorch's torch.save writes them";
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Contents => new()
    {
        { "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 447\n", "a Git-LFS pointer to a file that was not fetched" },
        { "<!DOCTYPE html><html><body>404</body></html>", "a web page (HTML or XML), perhaps a server's answer instead of the file" },
        { "\n\n<HTML>", "a web page" },
        { "\u00EF\u00BB\u00BF<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "a web page" },
        { "", "empty" },
        { "abc", "of no known format (it begins with 'abc')" },
        { "{\"weight_map\": {\"conv1.weight\": \"model-00001.safetensors\"}}", "JSON text (it begins with '{\"weight_map\": {\"conv1.w')" },
        { "\u0089HDF\r\n\u001A\n\0\0\0\0\0\b\b\0", "an HDF5 file, as Keras writes" },
        { "\u0093NUMPY\u0001\0v\0{'descr': '<f4'", "a numpy array (.npy)" },
        { "\u001F\u008B\b\0\0\0\0\0\0\u0003", "a compressed archive (unpack it first)" },
        { "\b\u0007\u0012\apytorch\u001A\u00051.13.", "an ONNX model" },
        { "\u00FF\u00D8\u00FF\u00E0", "a JPEG" },
        { "RIFF\u0010\0\0\0WEBPVP8 ", "a WebP" },
        { "PK\u0005\u0006" + new string('\0', 18), "an empty zip archive" },
        { "weights/" + new string('\0', 249) + "ustar\000", "a tar archive (unpack it first)" },
        { "\u0001\u0002\u00FFabc\0\0\0\0\0\0", @"of no known format (it begins with '\x01\x02\xFFabc\x00\x00\x00\x00\x00\x00')" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_file_that_is_none_of_ours_says_what_it_is_to_every_reader(string content, string what)
    {
        foreach (string name in new[] { "weights.pth", "weights.safetensors", "last.ckpt" })
        {
            string path = folder.Write(name, System.Text.Encoding.Latin1.GetBytes(content));
            Check(path, what, Weights, () => WeightFile.Open(path));
            Check(path, what, Weights, () => EncoderFiles.Open(path));
            Check(path, what, "a checkpoint of this library", () => MoCoTrainer.ReadOptions(path));
            Check(path, what, "a similarity index", () => SimilarityIndex.Load(path));
        }
    }

    [Fact]
    public void An_exported_model_and_a_network_of_TorchScript_say_what_they_are()
    {
        using (Encoder encoder = Encoder.Create(new EncoderOptions { Backbone = Backbone.ResNet18, Width = 0.0625 }))
            encoder.SaveOnnx(folder.File("model.onnx"));
        Check(folder.File("model.onnx"), "an ONNX model", Weights, () => WeightFile.Open(folder.File("model.onnx")));

        string script = Fixture.Path("cases", "script.pt");
        Assert.Equal(
            $"{script} is not a PyTorch file that can be read: it is a TorchScript program, whose weights lie among its code. Take them "
                + "out in Python: torch.save(torch.jit.load(path, map_location='cpu').state_dict(), new_path).", Refusal(script));
        Check(script, "a zip archive", "a checkpoint of this library", () => MoCoTrainer.ReadOptions(script));
    }

    [Theory]
    [InlineData("it is a Keras model.", "config.json", "metadata.json", "model.weights.h5")]
    [InlineData("it is numpy's archive (.npz).", "conv1.npy", "bn1.npy")]
    [InlineData("it is a zip, but not of torch.save's: it holds [Content_Types].xml, word/document.xml, and not one 'data.pkl'.",
        "[Content_Types].xml", "word/document.xml")]
    public void A_zip_of_others_says_what_it_is(string message, params string[] names)
    {
        using (ZipArchive zip = ZipFile.Open(folder.File("weights.pth"), ZipArchiveMode.Create))
        {
            foreach (string name in names)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(new byte[100]);
            }
        }
        Assert.EndsWith(message, Refusal(folder.File("weights.pth")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_pickled_whole_says_so()
    {
        string path = folder.File("module.pth");
        Python.Torch("import sys, torch; torch.save(torch.nn.Linear(2, 2), sys.argv[1])", path);
        Assert.Contains(
            "it names 'torch.nn.modules.linear.Linear', which is not allowed: the file is a whole pickled module or other object, ",
            Refusal(path), StringComparison.Ordinal);
        Assert.EndsWith(
            "torch.save(torch.load(path, map_location='cpu').state_dict(), new_path).", Refusal(path), StringComparison.Ordinal);
        Python.Torch(
            "import sys, torch; torch.save(torch.nn.Linear(2, 2), sys.argv[1], _use_new_zipfile_serialization=False)", path);
        Assert.Contains("a whole pickled module", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_given_as_weights_says_what_it_is()
    {
        using (DisposeScope scope = NewDisposeScope())
        {
            using SimilarityIndex index = new(ones(2, 3), ["a", "b"]);
            index.Save(folder.File("index"));
        }
        Assert.Contains(
            "are named embeddings, names, name_ends (its format is 'moco-similarity-index'); expected the names of this library",
            Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(folder.File("index"))).Message, StringComparison.Ordinal);
    }

    private static string Refusal(string path) => Assert.Throws<InvalidDataException>(() => WeightFile.Open(path)).Message;

    private static void Check(string path, string what, string expected, Action read)
    {
        string message = Assert.Throws<InvalidDataException>(read).Message;
        Assert.StartsWith($"{path} is {what}", message, StringComparison.Ordinal);
        Assert.EndsWith($"; expected {expected}.", message, StringComparison.Ordinal);
    }
}
