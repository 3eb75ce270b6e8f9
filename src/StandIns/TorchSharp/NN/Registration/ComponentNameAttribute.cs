namespace TorchSharp.Utils;

/// <summary>Names a module's component in its state dictionary, in place of the name of its field.</summary>
[AttributeUsage(AttributeTargets.All)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; }
}
