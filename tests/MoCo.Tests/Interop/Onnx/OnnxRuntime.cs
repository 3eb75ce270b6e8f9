using System.Diagnostics;
using System.Runtime.InteropServices;
using MoCo.Tests.Packaging;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>
/// ONNX Runtime, where Node.js finds it: <c>npm install onnxruntime-node</c> in this repository's <c>artifacts/onnxruntime</c> or
/// wherever NODE_PATH says; the tests that use it are skipped elsewhere.
/// </summary>
internal static class OnnxRuntime
{
    private const string Script = """
        const ort = require('onnxruntime-node'), fs = require('fs');
        const [model, input, output, ...dims] = process.argv.slice(1);
        (async () => {
            const session = await ort.InferenceSession.create(model);
            const bytes = fs.readFileSync(input);
            const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
            const result = (await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, dims.map(Number)) }))[session.outputNames[0]];
            fs.writeFileSync(output, Buffer.from(result.data.buffer, result.data.byteOffset, result.data.byteLength));
            console.log(result.dims.join(' '));
        })().catch(error => { console.error(error.message); process.exit(1); });
        """;

    private static readonly Lazy<bool> Found = new(() => Start("require('onnxruntime-node')") is (0, _));

    /// <summary>Runs a model on N×C×H×W numbers; skips the test where the runtime is absent.</summary>
    public static Tensor Run(string model, Tensor input)
    {
        Skip.IfNot(Found.Value, "no node with onnxruntime-node");
        string inputFile = model + ".input", outputFile = model + ".output";
        File.WriteAllBytes(inputFile, MemoryMarshal.AsBytes(input.contiguous().data<float>().ToArray().AsSpan()).ToArray());
        (int code, string text) = Start(Script, [model, inputFile, outputFile, .. input.shape.Select(d => $"{d}")])!.Value;
        Assert.True(code == 0, text);
        return tensor(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(outputFile)).ToArray()).reshape([.. text.Split('\n')[0].Split(' ').Select(long.Parse)]);
    }

    private static (int Code, string Output)? Start(string script, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("node", ["-e", script, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["NODE_PATH"] = string.Join(Path.PathSeparator, Repository.File("artifacts", "onnxruntime", "node_modules"), Environment.GetEnvironmentVariable("NODE_PATH"));
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
