using System.Text.Json;

namespace MoCo.Data.Shards;

/// <summary>Reads the label that lies beside an image.</summary>
internal static class ShardLabel
{
    internal const int None = -1;

    /// <summary>What stands for a label that cannot be read.</summary>
    internal const int Wrong = -2;

    /// <summary>Reads a label.</summary>
    internal static int Read(ReadOnlySpan<byte> content, bool isJson) => isJson ? FromJson(content) : FromText(content);

    /// <summary>A decimal number, spaces and line ends around it.</summary>
    private static int FromText(ReadOnlySpan<byte> text) =>
        int.TryParse(text.Trim(" \t\r\n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out int label) ? label : Wrong;

    /// <summary>The number field "label" or "cls" of an object; none where it has neither.</summary>
    private static int FromJson(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        int label = None;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Wrong;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isLabel = reader.ValueTextEquals("label"u8) || reader.ValueTextEquals("cls"u8);
                reader.Read();
                if (isLabel && reader.TokenType == JsonTokenType.Number)
                    label = reader.TryGetInt32(out int number) && number >= 0 ? number : Wrong;
                reader.Skip();
            }
            return label;
        }
        catch (JsonException)
        {
            return Wrong;
        }
    }
}
