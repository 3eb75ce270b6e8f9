using System.Text;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation;

/// <summary>The names of images in a safetensors file: <c>names</c> (all names in UTF-8, one after the other) and <c>name_ends</c> (N
/// int64: where each ends).</summary>
internal static class PackedNames
{
    public const string Texts = "names", Ends = "name_ends";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Both tensors, in the scope.</summary>
    public static (string Name, Tensor Tensor)[] Pack(IEnumerable<string> names)
    {
        byte[][] texts = [.. names.Select(Utf8.GetBytes)];
        long end = 0;
        long[] ends = [.. texts.Select(text => end += text.Length)];
        byte[] all = [.. texts.SelectMany(text => text)];
        return [(Texts, tensor(all, dtype: ScalarType.Byte)), (Ends, tensor(ends))];
    }

    /// <summary>Reads the names of embeddings, whose shape is expected to be N×D.</summary>
    /// <exception cref="InvalidDataException">They are missing, damaged, or not N.</exception>
    public static string[] Read(SafetensorsFile file, IReadOnlyList<long> shape)
    {
        using DisposeScope scope = NewDisposeScope();
        string path = file.Path;
        IReadOnlyList<long> bytes = file.ShapeOf(Texts, ScalarType.Byte, 1);
        long count = file.ShapeOf(Ends, ScalarType.Int64, 1)[0];
        if (shape[0] != count || count is < 1 or > int.MaxValue || shape[1] < 1)
            throw new InvalidDataException($"{path} has embeddings {string.Join('×', shape)} and {count} names; expected N×D and N.");
        long[] ends = file.Read(Ends).data<long>().ToArray();
        byte[] text = bytes[0] == 0 ? [] : file.Read(Texts).data<byte>().ToArray();
        string[] names = new string[count];
        long start = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (ends[i] < start || ends[i] > text.Length)
                throw new InvalidDataException($"{path}: name {i} ends at byte {ends[i]}; expected {start} to {text.Length}.");
            names[i] = Decode(path, i, text.AsSpan((int)start, (int)(ends[i] - start)));
            start = ends[i];
        }
        return start == text.Length ? names
            : throw new InvalidDataException($"{path}: the names end at byte {start}; expected {text.Length}, the end of all.");
    }

    private static string Decode(string path, int index, ReadOnlySpan<byte> text)
    {
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path}: name {index} is no UTF-8 text.", e);
        }
    }
}
