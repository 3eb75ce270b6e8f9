using System.Text.Json;
using MoCo.Loading;
using MoCo.Tensors.Safetensors;

namespace MoCo.Training;

/// <summary>A batch whose loss was not finite, as a file: the views <c>query</c>, <c>key</c> and <c>small.0</c> …, <c>indices</c> and
/// <c>labels</c>; beside them where it stood, the images' names and the checkpoint of the state before it.</summary>
/// <param name="Batch">The views, the caller's to dispose.</param>
/// <param name="Images">Where the images lie; empty where that is not known.</param>
/// <param name="Ranks">Processes that shared the batch, of which this is one's part.</param>
/// <param name="Checkpoint">The file of the state before the step, in the same folder.</param>
internal sealed record BadBatch(TwoCropBatch Batch, IReadOnlyList<string> Images, int Ranks, string Checkpoint)
{
    private const string Format = "moco-batch", Query = "query", Key = "key", Indices = "indices", Labels = "labels", Small = "small";

    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, string> metadata = new()
        {
            ["format"] = Format,
            ["epoch"] = Batch.Epoch.ToString(CultureInfo.InvariantCulture),
            ["batch"] = Batch.Number.ToString(CultureInfo.InvariantCulture),
            ["batches"] = Batch.BatchesPerEpoch.ToString(CultureInfo.InvariantCulture),
            [Small] = Batch.SmallViews.Count.ToString(CultureInfo.InvariantCulture),
            ["ranks"] = Ranks.ToString(CultureInfo.InvariantCulture),
            ["images"] = JsonSerializer.Serialize(Images),
            ["checkpoint"] = Checkpoint,
        };
        SafetensorsWriter.Write(path,
            [
                (Query, Batch.Query), (Key, Batch.Key), .. Batch.SmallViews.Select((view, number) => (Name(number), view)),
                (Indices, Numbers(Batch.Indices)), (Labels, Numbers(Batch.Labels)),
            ],
            metadata);

        static Tensor Numbers(ReadOnlyMemory<int> numbers) => tensor(Array.ConvertAll(numbers.ToArray(), number => (long)number));
    }

    private static string Name(int number) => Invariant($"{Small}.{number}");

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another kind.</exception>
    public static BadBatch Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path, "a batch that a run wrote aside");
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new InvalidDataException($"{path} is no batch that a run wrote aside; expected its format to be '{Format}'.");
        file.VerifySeal();
        try
        {
            TwoCropBatch batch = new(file.Read(Query), file.Read(Key), Numbers(Indices), Whole("epoch"), Whole("batch"))
            {
                BatchesPerEpoch = Whole("batches"),
                SmallViews = [.. Enumerable.Range(0, file.Metadata.ContainsKey(Small) ? Whole(Small) : 0).Select(Name).Select(file.Read)],
                Labels = Numbers(Labels),
            };
            return new BadBatch(batch, JsonSerializer.Deserialize<string[]>(file.Metadata["images"])!, Whole("ranks"),
                Path.GetFileName(file.Metadata["checkpoint"]));
        }
        catch (Exception error) when (error is KeyNotFoundException or FormatException or JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is a damaged batch: {error.Message}", error);
        }

        int Whole(string name) => int.Parse(file.Metadata[name], NumberStyles.None, CultureInfo.InvariantCulture);

        int[] Numbers(string name)
        {
            using Tensor read = file.Read(name);
            return Array.ConvertAll(read.data<long>().ToArray(), number => checked((int)number));
        }
    }
}
