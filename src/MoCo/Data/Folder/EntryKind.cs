namespace MoCo.Data.Folder;

/// <summary>What a name in a folder stands for.</summary>
internal enum EntryKind : byte
{
    /// <summary>Nothing that exists, or the file system does not say without being asked again.</summary>
    Unknown,
    File,
    Folder,
    Link,

    /// <summary>A pipe, socket or device: never opened, it might never answer.</summary>
    Special,
}
