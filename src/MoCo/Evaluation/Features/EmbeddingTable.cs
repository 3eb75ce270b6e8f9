using System.Text.Json;
using MoCo.Data.RowGroups;
using Parquet;
using Parquet.Schema;

namespace MoCo.Evaluation.Features;

/// <summary>Embeddings as a Parquet file, a row an image: <c>name</c>, <c>label</c> (int64, −1 where it is not known) and
/// <c>embedding</c> (a list of float). Written group by group.</summary>
internal static class EmbeddingTable
{
    private const string Name = "name", Label = "label", Embedding = "embedding";

    private const int NumbersOfGroup = 1 << 22;

    /// <summary>Whether a file is to be one, by its ending.</summary>
    public static bool IsOne(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <param name="path">The file to make or replace.</param>
    /// <param name="facts">The file's metadata, classes among them.</param>
    /// <param name="dimension">Numbers in a row.</param>
    /// <param name="rows">What the rows have beside them, in their order.</param>
    /// <param name="read">Reads the numbers of as many rows as have room, from one on.</param>
    public static void Write(string path, IReadOnlyDictionary<string, string> facts, int dimension,
        IEnumerable<(string Name, int Label)> rows, Action<long, float[]> read)
    {
        DataField<string> name = new(Name, nullable: false);
        DataField<long> label = new(Label);
        DataField<float> number = new("element");
        ParquetSchema schema = new(name, label, new ListField(Embedding, number));
        AtomicFile.Write(path, file => WriteAsync(file).GetAwaiter().GetResult());

        async Task WriteAsync(Stream file)
        {
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file).ConfigureAwait(false);
            writer.CustomMetadata = new Dictionary<string, string>(facts) { [HuggingFaceFeatures.Key] = Features(facts["classes"]) };
            long done = 0;
            foreach ((string Name, int Label)[] group in rows.Chunk(Math.Max(1, NumbersOfGroup / dimension)))
            {
                float[] numbers = new float[group.Length * dimension];
                read(done, numbers);
                int[] starts = [.. Enumerable.Range(0, numbers.Length).Select(i => i % dimension == 0 ? 0 : 1)];
                int[] present = new int[numbers.Length];
                Array.Fill(present, number.MaxDefinitionLevel);
                using ParquetRowGroupWriter columns = writer.CreateRowGroup();
                await columns.WriteAsync(name, [.. group.Select(row => row.Name)]).ConfigureAwait(false);
                await columns.WriteAsync<long>(label, Array.ConvertAll(group, row => (long)row.Label)).ConfigureAwait(false);
                await columns.WriteAllPartsAsync<float>(number, numbers, present, starts, CancellationToken.None).ConfigureAwait(false);
                done += group.Length;
            }
        }
    }

    /// <summary>The columns as Hugging Face's library knows them, with the classes' names.</summary>
    private static string Features(string classes)
    {
        using JsonDocument names = JsonDocument.Parse(classes);
        Dictionary<string, object> text = Value("string"), number = Value("float32");
        Dictionary<string, object> label = names.RootElement.GetArrayLength() == 0 ? Value("int64")
            : new() { ["names"] = names.RootElement, ["_type"] = "ClassLabel" };
        Dictionary<string, object> embedding = new() { ["feature"] = number, ["_type"] = "Sequence" };
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["info"] = new Dictionary<string, object>
            {
                ["features"] = new Dictionary<string, object> { [Name] = text, [Label] = label, [Embedding] = embedding },
            },
        });

        static Dictionary<string, object> Value(string type) => new() { ["dtype"] = type, ["_type"] = "Value" };
    }
}
