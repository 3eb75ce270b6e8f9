namespace MoCo.Augmentation;

/// <summary>How a view lies in memory: order and type of its values. The default is channels-last float32.</summary>
/// <param name="Layout">The order of the values.</param>
/// <param name="Type">Their type.</param>
public readonly record struct ViewFormat(ViewLayout Layout, ViewType Type)
{
    /// <summary>Bytes of one value: 4 for float32, 2 for bfloat16.</summary>
    public int BytesPerValue => Type == ViewType.Float32 ? sizeof(float) : sizeof(ushort);
}
