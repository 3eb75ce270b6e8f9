namespace TorchSharp.Modules;

/// <summary>Marks the modules that may live inside a parameter-less one.</summary>
public interface IParameterLessModule
{
}
