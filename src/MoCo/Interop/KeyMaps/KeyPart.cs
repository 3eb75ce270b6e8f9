namespace MoCo.Interop.KeyMaps;

/// <summary>What a tensor of a file belongs to.</summary>
internal enum KeyPart
{
    Query,
    Key,
    Queue,
    QueuePointer,
    Unused,
}
