namespace MoCo.Interop;

/// <summary>A tensor of a file under the name that the file gives it.</summary>
internal sealed record StoredWeight(string FileName, StoredTensor Tensor);
