using System.Text.Json.Serialization;

namespace MoCo.Encoders;

/// <summary>The arithmetic of convolutions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32-bit floating point throughout.</summary>
    Float32,

    /// <summary>
    /// Convolutions in bfloat16 on float32 master weights; statistics, normalisation of embeddings, logits and loss stay float32.
    /// Pays for wide networks on processors with AMX and on GPUs with tensor cores; small ones gain little or lose.
    /// </summary>
    BFloat16,
}
