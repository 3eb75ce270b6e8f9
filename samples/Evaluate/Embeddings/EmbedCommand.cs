using System.Diagnostics;
using Samples.Encoders;

namespace Evaluate.Embeddings;

/// <summary><c>evaluate embed</c>: images' embeddings in a file, for whatever else is to be made of them.</summary>
internal static class EmbedCommand
{
    public static Command Create(CancellationToken stop)
    {
        ImageOptions data = new("images, labelled or not", least: 1);
        Option<string?> output = OutputFile.Option(
            "--out", "the file to make or replace: safetensors, or Parquet if its name ends in .parquet");
        output.Required = true;
        Option<bool> anew = new("--anew") { Description = "begin anew where an interrupted call left a part" };
        return EncoderCommand.Create(
            "embed",
            """
            Writes the embedding of every image into one safetensors or Parquet file, as they come: memory holds a batch. A call that
            was stopped, or killed, leaves FILE.part and FILE.part.log, and the same call goes on there; one with another encoder or
            other images is refused. A safetensors file holds n images, without those that could not be read:

              embeddings  n×D float32, of any length (divide by it for cosine similarities)
              labels      n int64, an index into the classes; -1 where it is not known
              indices     n int64, the image's number in DATA
              names       all names in UTF-8, one after the other, relative to DATA where it is one
              name_ends   n int64, where each name ends

            Its metadata hold the classes' names as JSON (classes) and what the embeddings are of. In Python:

              with safetensors.safe_open(FILE, "numpy") as f:
                  x, y, ends = (f.get_tensor(name) for name in ("embeddings", "labels", "name_ends"))
                  text, classes = f.get_tensor("names").tobytes(), json.loads(f.metadata()["classes"])
              names = [text[a:b].decode() for a, b in zip([0, *ends], ends)]

            A Parquet file, such as pandas.read_parquet or Hugging Face's load_dataset take, has the columns name, label and embedding
            (a list of float). It is made out of FILE.part at the end; map reads safetensors files alone.
            """,
            [.. data.All, output, anew], (parsed, encoder, result) =>
        {
            string file = parsed.GetValue(output)!;
            UsageException.ThrowIf(Path.GetExtension(file).ToLowerInvariant() is not ("" or ".safetensors" or ".parquet"),
                $"--out is '{file}'; expected a name that ends in .safetensors or .parquet, the forms that are written.");
            IImageSet images = encoder.Adapt(data.Open(parsed));
            if (parsed.GetValue(anew)) File.Delete(file + ".part.log");
            long all = DataFlags.Count(images), began = Stopwatch.GetTimestamp();
            Dictionary<string, string> facts = new(encoder.ViewFacts)
            {
                ["encoder"] = encoder.Choice.Path,
                ["architecture"] = OpenedEncoder.Architecture(encoder.Options),
                ["output"] = encoder.Output,
            };
            string? folder = data.Paths(parsed) is [string only] ? only : null;
            using SingleViewLoader loader = encoder.Loader(images);
            (long count, int dimension, long before) = Screen.During($"{images.Name}:", tell =>
            {
                try
                {
                    Telling<long> told = new(done => tell($"{done:N0} of {all:N0} images"));
                    return FeatureSet.ExtractToFile(file, encoder.Network, loader, facts, folder, told, stop);
                }
                catch (OperationCanceledException error) when (File.Exists(file + ".part"))
                {
                    throw new StoppedException($"what is done is kept in {file}.part, and the same command goes on there", error);
                }
            });
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (before > 0) Screen.Say($"went on after {before:N0} of {all:N0} images, which were done");
            foreach (string line in LeftOut.Lines(images.Errors)) Screen.Say(line);
            string bytes = $"{new FileInfo(file).Length:N0} bytes";
            Screen.Say($"written: {file}, {encoder.Output} of {Counted.Of(count, "image")}, {dimension} numbers each, {bytes}, "
                + $"in {seconds:F1} s");
            result.Add(new { Data = images.Name, Images = count, Unreadable = all - count, File = file });
            return [new { Data = images.Name, Images = count, encoder.Output, Dimension = dimension, File = file }];
        });
    }
}
